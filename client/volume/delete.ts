// portalctl volume delete: volumes and snapshots with their data, when they are named and it is agreed to.
import { type MethodResults, methodParameters } from '../../protocol/methods.ts';
import { usageError } from '../arguments.ts';
import { canAnswer, confirmed } from '../ask.ts';
import type { Connection } from '../connection.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { checkedId } from './checked-id.ts';
import type { Verb } from './verb.ts';
import { withAccount } from './with-account.ts';
import { idText, snapshotLines, volumeLines } from './words.ts';

export const remove: Verb = {
  usage: 'delete VOL|SNAP… [--force] [--yes] [--json]',
  options: ['force', 'yes'],
  argumentCount: [1, Number.POSITIVE_INFINITY],
  missing: 'what to delete',
  async run(given, invocation) {
    const { flags, output } = invocation;
    const ids = given.map((id) => checkedId(id, methodParameters['volume.delete'].properties.ids.items));
    if (!flags.has('yes') && !canAnswer(output))
      throw usageError(
        'nobody can be asked here: say --yes to delete without a question',
        `portalctl volume delete ${[...ids, ...(flags.has('force') ? ['--force'] : [])].join(' ')} --yes`,
      );
    return withAccount(invocation, async (connection, nowMs) => {
      const request = { ids, force: flags.has('force') };
      if (!flags.has('yes')) await ask(request, nowMs, connection, output);
      const result = await connection.call('volume.delete', request, {
        onProgress: (message) => output.status(`${message} …`),
      });
      return tell(result, output);
    });
  },
};

async function ask(
  request: { ids: string[]; force: boolean },
  nowMs: number,
  connection: Connection,
  output: Output,
): Promise<void> {
  const { volumes, snapshots } = await connection.call('volume.delete', { ...request, isTrial: true });
  if (volumes.length > 0) for (const line of volumeLines(volumes, nowMs)) output.line(line);
  if (snapshots.length > 0) for (const line of snapshotLines(snapshots, nowMs)) output.line(line);
  const count = volumes.length + snapshots.length;
  await confirmed(`Delete ${count === 1 ? 'it' : `all ${count}`}, with all data?`, 'nothing was deleted');
}

function tell(result: MethodResults['volume.delete'], output: Output): number {
  output.status(undefined);
  if (output.json) output.value(result);
  for (const { id, name, sizeGiB } of [...result.volumes, ...result.snapshots])
    output.line(`deleted ${idText(id, name)}, ${sizeGiB} GiB`);
  if (result.failed.length === 0) return exitCodes.done;
  if (!output.json) {
    for (const { id, error } of result.failed) {
      output.complain({ text: 'portalctl: ', style: 'red' }, `${id} is still there: ${error.message}`);
      if (error.hint !== undefined) output.complain(`hint: ${error.hint}`);
    }
  }
  return exitCodes.failed;
}
