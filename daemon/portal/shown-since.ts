// Since when EC2 has shown a thing as it shows it now: what a wait has lasted. Pure but for the map that it keeps.
import type { CloudSnapshot } from './cloud.ts';
import type { PortalRecord } from './record.ts';

/** What EC2 last showed of a thing, and since when (milliseconds). */
export interface Shown {
  readonly as: string;
  readonly since: number;
}

/** Notes in `shown` what `cloud` shows of the record's instances, fleets and volumes, also that it does not show one. */
export function noteShown(
  shown: Map<string, Shown>,
  cloud: CloudSnapshot,
  { generations, specification }: PortalRecord,
  now: number,
): void {
  const seen = new Map<string, string>();
  for (const { instanceId, fleetId } of generations) {
    if (instanceId !== undefined) seen.set(instanceId, instanceAs(cloud, instanceId));
    if (fleetId !== undefined) seen.set(fleetId, cloud.fleets.get(fleetId)?.state ?? absent);
  }
  for (const { volume_id: id } of specification.persistent_volumes) {
    const volume = cloud.volumes.get(id);
    const { state = '', instanceId = '' } = volume?.attachment ?? {};
    seen.set(id, volume === undefined ? absent : `${volume.state} ${state} ${instanceId}`);
  }
  for (const id of shown.keys()) if (!seen.has(id)) shown.delete(id);
  for (const [id, as] of seen) if (shown.get(id)?.as !== as) shown.set(id, { as, since: now });
}

const absent = 'absent';

function instanceAs({ instances }: CloudSnapshot, id: string): string {
  const instance = instances.get(id);
  if (instance === undefined) return absent;
  return instance.address === undefined ? `${instance.state} without address` : instance.state;
}
