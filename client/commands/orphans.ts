// portalctl orphans: what AWS still has of this installation that no record wants, and its removal.
import { PortalError } from '../../protocol/errors.ts';
import { type MethodResults, methodParameters } from '../../protocol/methods.ts';
import type { OrphanView } from '../../protocol/orphan-view.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import { usageError } from '../arguments.ts';
import { canAnswer, confirmed } from '../ask.ts';
import type { Command, Invocation } from '../command.ts';
import type { Connection } from '../connection.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { orphanLines } from '../orphan-text.ts';
import type { Output } from '../output.ts';

const help = `Lists what AWS has of this installation, by its tag, and no record of portald
wants: instances, spot fleets, volumes and snapshots, each with its portal, age
and cost. portald ends such instances and fleets by itself, 10 to 15 minutes
after it first saw them. It never deletes a volume or a snapshot, and keeps what
a record that was set aside may want. What portalctl volume made is no orphan.

With remove, ends or deletes those that are named, if every one of them is in
the list; a volume or a snapshot with its data. On a terminal it asks first.

Instances cost their spot price of now; what volumes and snapshots cost is
AWS's list price in us-east-1, and so "about".

options:
  --yes       with remove: do not ask
  --json      print {"orphans": [{"id", "kind", "portal", "state",
              "description", "createdAt", "cost": {"dollars", "per": "hour" or
              "month", "about"}, "endsByItself", "endsAt", "keptFor"}]}; with
              remove {"removed": [the same], "failed": [{"id", "error":
              {"kind", "message", …}}]}; or {"error": {"kind", "message", …}}
  -h, --help  show this help

exit codes:
  0  done
  1  failed, or not removed: one that is named is not in the list, AWS refused,
     or the answer was no
  2  wrong use
  3  no daemon

example:
  portalctl orphans remove vol-0123456789abcdef0
`;

const usage = 'orphans [remove ID…] [--yes] [--json]';
const hint = `usage: portalctl ${usage}`;

export const command: Command = {
  usage,
  arguments: { remove: ['orphans'] },
  help,
  flags: ['yes'],
  argumentCount: [0, Number.POSITIVE_INFINITY],
  run(invocation) {
    const { positionals, flags, output, environment } = invocation;
    const ids = idsToRemove(positionals);
    if (ids === undefined && flags.has('yes')) throw usageError('--yes goes with remove', hint);
    if (ids !== undefined && !flags.has('yes') && !canAnswer(output)) {
      throw usageError('nobody can be asked here: say --yes to remove without a question', hint);
    }
    return withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      const nowMs = Date.parse(greeting.now);
      if (ids === undefined) {
        const { orphans } = await connection.call('orphan.list', {});
        if (output.json) output.value({ orphans });
        else if (orphans.length === 0)
          output.line('no orphans: a record wants everything that AWS has of this installation');
        else for (const line of orphanLines(orphans, nowMs)) output.line(line);
        return exitCodes.done;
      }
      if (!flags.has('yes')) await ask(ids, nowMs, connection, invocation);
      return tellRemoved(await connection.call('orphan.remove', { ids }), output);
    });
  },
};

/** The ids after `remove`; undefined without it. */
function idsToRemove([verb, ...ids]: readonly string[]): string[] | undefined {
  if (verb === undefined) return undefined;
  if (verb !== 'remove') throw usageError(`unexpected argument "${verb}"`, hint);
  if (ids.length === 0) throw usageError('what to remove is missing', hint);
  const { pattern, form } = methodParameters['orphan.remove'].properties.ids.items;
  const wrong = ids.find((id) => !new RegExp(pattern).test(id));
  if (wrong !== undefined) throw usageError(`"${wrong}" cannot be removed`, `name ${form}`);
  return ids;
}

async function ask(
  ids: readonly string[],
  nowMs: number,
  connection: Connection,
  { output }: Invocation,
): Promise<void> {
  const { orphans } = await connection.call('orphan.list', {});
  const missing = ids.find((id) => !orphans.some((one) => one.id === id));
  if (missing !== undefined) {
    throw new PortalError('not-found', `${missing} is not among the orphans; nothing was removed`, {
      hint: 'portalctl orphans lists them',
    });
  }
  const named = orphans.filter((one) => ids.includes(one.id));
  for (const line of orphanLines(named, nowMs)) output.line(line);
  const data = named.some(hasData) ? ', with all data on volumes and snapshots' : '';
  await confirmed(
    `Remove ${named.length === 1 ? 'it' : `all ${named.length}`}${data}?`,
    'nothing was removed',
  );
}

function hasData({ kind }: OrphanView): boolean {
  return kind === 'volume' || kind === 'snapshot';
}

function tellRemoved(result: MethodResults['orphan.remove'], output: Output): number {
  if (output.json) output.value(result);
  for (const { id, description, portal } of result.removed) {
    output.line(`removed ${id} (${description}) of portal ${portal}`);
  }
  if (result.failed.length === 0) return exitCodes.done;
  if (!output.json) {
    for (const { id, error } of result.failed) {
      output.complain({ text: 'portalctl: ', style: 'red' }, `${id} is still there: ${error.message}`);
    }
  }
  return exitCodes.failed;
}
