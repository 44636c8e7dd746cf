// What a portal needs EC2 to be asked for. Pure. Every question of every portal is asked in each round of calls.
import type { CloudInterest } from './cloud.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import { isOfUse } from './standing.ts';

export function interestOf(record: PortalRecord): CloudInterest {
  const fleetsOf = (generations: readonly GenerationRecord[]): string[] =>
    generations.map((one) => one.fleetId).filter((id) => id !== undefined);
  return {
    instanceIds: record.generations.map((one) => one.instanceId).filter((id) => id !== undefined),
    volumeIds: record.specification.persistent_volumes.map((volume) => volume.volume_id),
    fleetIds: fleetsOf(record.generations.filter((one) => isItsFleetWanted(record, one))),
    launchingFleetIds: fleetsOf(
      record.generations.filter((one) => one.instanceId === undefined && one.goneAt === undefined),
    ),
  };
}

/** While it launches and when it is ended; one that holds the volumes is not ended before it has let them go. */
function isItsFleetWanted(record: PortalRecord, generation: GenerationRecord): boolean {
  if (generation.instanceId === undefined || record.wish === 'closed') return true;
  const { goneAt, abandonedAt, releasedAt, number } = generation;
  const holds = number === record.holder && releasedAt === undefined;
  return !isOfUse(generation) && !(holds && goneAt === undefined && abandonedAt === undefined);
}
