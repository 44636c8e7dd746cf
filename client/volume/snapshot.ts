// portalctl volume snapshot: a copy of a volume as it is now.
import { type MethodResults, methodParameters } from '../../protocol/methods.ts';
import type { Output } from '../output.ts';
import { checkedId } from './checked-id.ts';
import { follow } from './follow.ts';
import { textOption, type Verb } from './verb.ts';
import { withAccount } from './with-account.ts';
import { idText } from './words.ts';

export const snapshot: Verb = {
  usage: 'snapshot VOL [--name NAME] [--no-wait] [--json]',
  options: ['name', 'no-wait'],
  argumentCount: [1, 1],
  missing: 'the id of a volume',
  async run([id = ''], invocation) {
    const { flags, output } = invocation;
    const request = {
      id: checkedId(id, methodParameters['volume.snapshot'].properties.id),
      ...textOption(invocation, 'name', 'name'),
      wait: !flags.has('no-wait'),
    };
    return withAccount(invocation, (connection) =>
      follow(
        output,
        (options) => connection.call('volume.snapshot', request, options),
        (result) => tell(result, id, output),
      ),
    );
  },
};

function tell(
  { snapshot: taken, flushed, notFlushed }: MethodResults['volume.snapshot'],
  volumeId: string,
  output: Output,
): void {
  const done = taken.state === 'completed' ? 'snapshot' : 'snapshot begun, and completed by EC2:';
  output.line({ text: `${done} `, style: 'green' }, `${idText(taken.id, taken.name)} of ${volumeId}`);
  if (flushed !== undefined)
    output.line(
      `portal ${flushed} has the volume in use: its file systems were flushed before, and what was written since is as after a crash`,
    );
  if (notFlushed !== undefined)
    output.line(
      { text: 'warning: ', style: 'yellow' },
      `the volume is in use, and its file systems could not be flushed (${notFlushed}): the last half minute of what was written may be missing`,
    );
}
