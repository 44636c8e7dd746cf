// portalctl volume update: another size, type, name or tag.
import { type MethodResults, methodParameters } from '../../protocol/methods.ts';
import { usageError } from '../arguments.ts';
import type { Output } from '../output.ts';
import { checkedId } from './checked-id.ts';
import { follow } from './follow.ts';
import { hintOf, sizeOption, tagOptions, textOption, type Verb } from './verb.ts';
import { withAccount } from './with-account.ts';
import { volumeText } from './words.ts';

export const update: Verb = {
  usage: 'update VOL [--size GIB] [--type TYPE] [--name NAME] [--tag KEY=VALUE]… [--force] [--json]',
  options: ['size', 'type', 'name', 'tag', 'force'],
  argumentCount: [1, 1],
  missing: 'the id of a volume',
  async run([id = ''], invocation) {
    const { flags, output } = invocation;
    const change = {
      ...sizeOption(invocation),
      ...textOption(invocation, 'type', 'type'),
      ...textOption(invocation, 'name', 'name'),
      ...tagOptions(invocation),
    };
    const request = {
      id: checkedId(id, methodParameters['volume.update'].properties.id),
      ...change,
      force: flags.has('force'),
    };
    if (Object.keys(change).length === 0) throw usageError('what to change is missing', hintOf(update));
    return withAccount(invocation, (connection) =>
      follow(
        output,
        (options) => connection.call('volume.update', request, options),
        (result) => tell(result, change.sizeGiB !== undefined, output),
      ),
    );
  },
};

function tell({ volume, grown }: MethodResults['volume.update'], isSizeGiven: boolean, output: Output): void {
  output.line(volumeText(volume));
  if (grown !== undefined)
    output.line(`its ${grown.fileSystem} file system on portal ${grown.portal} fills it`);
  else if (isSizeGiven && volume.attachments.length > 0)
    output.line('no portal of this portald has it: grow its file system where it is attached');
  else if (isSizeGiven && volume.portal !== undefined)
    output.line(
      `portal ${volume.portal} does not have it mounted just now: repeat this when it has, and the file system grows`,
    );
  else if (isSizeGiven)
    output.line('a file system on it grows when you repeat this while a portal has it mounted');
}
