// What complete answers of EC2 have not shown, and for how long: EC2 is consistent only eventually, and may leave a thing
// or a field out of an answer. Pure.
import type { CloudSnapshot } from './cloud.ts';
import type { Absence, Observation } from './observation.ts';
import type { PortalRecord } from './record.ts';

/**
 * What so many complete answers, over so long, have not shown is not there; less may be EC2's eventual consistency, or a
 * clock that jumped.
 */
const graceMs = 120_000;
const leastAnswers = 12;

/** How an instance's address is named among the absences. */
export function addressOf(instanceId: string): string {
  return `the address of ${instanceId}`;
}

/** Notes in `absences` what `cloud` does not show of the record's instances, their addresses and the fleets asked for. */
export function noteAbsences(
  absences: Map<string, Absence>,
  cloud: CloudSnapshot,
  { generations }: PortalRecord,
  now: number,
): void {
  const missing = new Set<string>();
  for (const { instanceId, fleetId } of generations) {
    const instance = instanceId === undefined ? undefined : cloud.instances.get(instanceId);
    if (instanceId !== undefined && instance === undefined) missing.add(instanceId);
    if (instance?.state === 'running' && instance.address === undefined) missing.add(addressOf(instance.id));
    if (fleetId !== undefined && cloud.askedFleets.has(fleetId) && !cloud.fleets.has(fleetId))
      missing.add(fleetId);
  }
  for (const name of absences.keys()) if (!missing.has(name)) absences.delete(name);
  for (const name of missing) {
    const known = absences.get(name);
    absences.set(name, { since: known?.since ?? now, answers: (known?.answers ?? 0) + 1 });
  }
}

/** Whether an instance or a fleet has been missing for so long that it is no more. */
export function isForgotten(id: string, { absences, now }: Observation): boolean {
  const absence = absences.get(id);
  return absence !== undefined && absence.answers >= leastAnswers && now - absence.since >= graceMs;
}
