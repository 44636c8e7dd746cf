// The way to an open portal, and back to it after an interruption: both are the same deciders over other facts.
import { restMs } from './awaiting.ts';
import { decideCleaning } from './decide-cleaning.ts';
import { decideEquipping, decidePackagesAhead } from './decide-equipping.ts';
import { decideLaunch } from './decide-launch.ts';
import { decideMove } from './decide-move.ts';
import { decideReach } from './decide-reach.ts';
import { decideSpare } from './decide-spare.ts';
import type { Observation } from './observation.ts';
import type { PortalRecord } from './record.ts';
import { doing, firstAction, isConnected, retryPauseMs, taskOf, waiting, workerOf } from './standing.ts';
import type { Decision } from './steps.ts';

/** Order matters: ordering a replacement comes before draining, draining before the rest. */
export function decideOpen(record: PortalRecord, observation: Observation): Decision {
  const worker = workerOf(record);
  return (
    firstAction(observation, [
      () => decideLaunch(record, worker, observation),
      () => decideDrain(record, observation),
      () => decideReach(record, observation),
      () => worker && decidePackagesAhead(record, worker, observation),
      () => worker && decideSpare(record, worker, observation),
      () => decideMove(record, worker, observation),
      () => worker && decideEquipping(record, worker, observation),
      () => decideCleaning(record, worker, observation),
    ]) ?? waiting(restMs, 'open', 'watching for interruption notices')
  );
}

/** What is done on an instance with a notice while it still works; needs nothing of EC2. */
function decideDrain(record: PortalRecord, observation: Observation): Decision | undefined {
  const holder = record.generations.find((one) => one.number === record.holder && one.goneAt === undefined);
  if (holder?.notice === undefined || holder.releasedAt !== undefined) return undefined;
  if (!isConnected(holder, observation)) return undefined;
  // The release has stopped it: what the drain runs would keep the volumes busy.
  if (taskOf(holder, observation, 'release')?.state === 'running') return undefined;
  const task = taskOf(holder, observation, 'drain');
  if (task !== undefined && task.state !== 'failed') return undefined;
  // Cut off by a lost connection: what is left of the two minutes is used once it is back.
  if (task !== undefined && observation.now - task.since < retryPauseMs(task.attempts)) return undefined;
  return doing({ kind: 'drain', generation: holder.number }, 'draining the instance', 'it was given notice');
}
