// A replacement launched early, on AWS's rebalance recommendation: it stands by, verified and with its packages, for a
// while only. It is cheap preparation; the instance that works is never drained for it.
import { decidePackagesAhead } from './decide-equipping.ts';
import { decideLaunch } from './decide-launch.ts';
import type { Observation } from './observation.ts';
import { launchable } from './pools.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import { launchSpecification } from './reload.ts';
import { doing, firstAction, seen, spareOf, standing } from './standing.ts';
import type { Decision } from './steps.ts';

export function decideSpare(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
): Decision | undefined {
  const { now, earlyReplacementMs } = observation;
  const spare = spareOf(record);
  if (spare !== undefined) {
    const isOver = now - (worker.spareBegunAt ?? 0) > earlyReplacementMs;
    const isLost = standing(spare, observation) === 'ending';
    if (isOver || isLost) {
      const reason = isOver ? 'no notice came in time' : `${spare.instanceId} is ending`;
      return doing({ kind: 'abandon-spare', generation: spare.number }, 'ending the replacement', reason);
    }
    return firstAction(observation, [
      () => decideLaunch(record, spare, observation),
      () => decidePackagesAhead(record, spare, observation),
    ]);
  }
  const isRecommended = seen(worker, observation)?.link?.rebalanceRecommended === true;
  const isDue = earlyReplacementMs > 0 && isRecommended && worker.spareBegunAt === undefined;
  if (!isDue || worker.readyAt === undefined || record.holder !== worker.number) return undefined;
  const launch = launchable(launchSpecification(record), record.pools, now);
  if ('first' in launch || observation.cloud === undefined) return undefined;
  return doing(
    { kind: 'begin-generation', instanceTypes: launch.types, spareOf: worker.number },
    'preparing a replacement',
    `AWS recommends to leave ${worker.instanceId}`,
  );
}
