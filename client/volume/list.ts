// portalctl volume list: the volumes, or the snapshots.
import { exitCodes } from '../exit-codes.ts';
import type { Verb } from './verb.ts';
import { withAccount } from './with-account.ts';
import { snapshotLines, volumeLines } from './words.ts';

export const list: Verb = {
  usage: 'list [--all] [--snapshots] [--json]',
  options: ['all', 'snapshots'],
  argumentCount: [0, 0],
  missing: '',
  run: (_ids, invocation) =>
    withAccount(invocation, async (connection, nowMs) => {
      const { flags, output } = invocation;
      const all = flags.has('all');
      const tell = (what: string, lines: readonly string[]): void => {
        if (lines.length > 1) for (const line of lines) output.line(line);
        else if (all) output.line(`no ${what} in this account and Region`);
        else output.line(`no ${what} that portald created; --all lists every one of the account`);
      };
      if (flags.has('snapshots')) {
        const result = await connection.call('snapshot.list', { all });
        if (output.json) output.value(result);
        else tell('snapshots', snapshotLines(result.snapshots, nowMs));
      } else {
        const result = await connection.call('volume.list', { all });
        if (output.json) output.value(result);
        else tell('volumes', volumeLines(result.volumes, nowMs));
      }
      return exitCodes.done;
    }),
};
