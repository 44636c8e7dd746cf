// The record after each thing that may come of a launch: an answer, a refusal, a machine, its early end, an open portal. Pure.
import { earlyEnd, earlyMs, isEarly } from './early-end.ts';
import { type LaunchFailure, ofPoolOnly, withFailure, withMachine, withRoom, withSuccess } from './pools.ts';
import {
  type GenerationRecord,
  type Notice,
  type PortalRecord,
  withFleet,
  withGeneration,
} from './record.ts';
import type { StepOf } from './steps.ts';

/** The record after a request was refused for certain: there is no fleet, so nothing of this generation is left to be found. */
export function withRefusal(
  before: PortalRecord,
  generation: number,
  failure: LaunchFailure,
  now: number,
  chance: number,
): PortalRecord {
  const failed = withPoolFailure(before, generation, failure, now, chance);
  const record = { ...failed, generations: failed.generations.filter((one) => one.number !== generation) };
  if (record.everOpen || ofPoolOnly.has(failure.kind)) return record;
  return { ...record, failure: { ...failure, at: now }, wish: 'closed', wishedAt: now };
}

/** The record after the pools that `generation` asked for gave no machine of use. */
function withPoolFailure(
  record: PortalRecord,
  generation: number,
  failure: LaunchFailure,
  now: number,
  chance: number,
): PortalRecord {
  const types = record.generations.find((one) => one.number === generation)?.request.instanceTypes ?? [];
  return { ...record, pools: withFailure(record.pools, types, failure, now, chance) };
}

/** The record with the instance that came of a generation's request. */
export function withInstance(
  record: PortalRecord,
  { generation, instanceId, fleetId }: Omit<StepOf<'adopt-instance'>, 'kind'>,
  now: number,
): PortalRecord {
  const known = fleetId === undefined ? record : withFleet(record, generation, fleetId);
  const types = record.generations.find((one) => one.number === generation)?.request.instanceTypes ?? [];
  return {
    ...withGeneration(known, generation, { instanceId, adoptedAt: now }),
    pools: withMachine(record.pools, types),
  };
}

/** The record after a generation's request was given up: it ends once its fleet is proved empty. */
export function withAbandoned(
  record: PortalRecord,
  generation: number,
  failure: LaunchFailure,
  now: number,
  chance: number,
): PortalRecord {
  return withGeneration(withPoolFailure(record, generation, failure, now, chance), generation, {
    abandonedAt: now,
  });
}

/** The record after a notice; one that comes before the portal was open on the machine counts against its pool. */
export function withNotice(
  before: PortalRecord,
  number: number,
  notice: Notice,
  now: number,
  chance: number,
): PortalRecord {
  const record = withGeneration(before, number, { notice });
  const generation = before.generations.find((one) => one.number === number);
  if (generation === undefined) return record;
  if (!isEarly(before, generation, now, notice.seenBy)) return withTypeThatLasted(record, generation, now);
  const stateReason = notice.seenBy === 'instance state' ? notice.reason : undefined;
  return withPoolFailure(
    record,
    number,
    earlyEnd(generation, stateReason ?? `notice, seen by ${notice.seenBy}`, now),
    now,
    chance,
  );
}

/** The record after a machine, or a launch, has ended; `reason` in EC2's words. */
export function withEnd(
  before: PortalRecord,
  number: number,
  reason: string,
  now: number,
  chance: number,
): PortalRecord {
  const record = withGeneration(before, number, { goneAt: now, goneReason: reason });
  const generation = before.generations.find((one) => one.number === number);
  if (generation?.instanceId === undefined) return record;
  const pools = withRoom(record.pools, now);
  if (!isEarly(before, generation, now)) return withTypeThatLasted({ ...record, pools }, generation, now);
  return withPoolFailure({ ...record, pools }, number, earlyEnd(generation, reason, now), now, chance);
}

/** A portal was open on the machine for long enough: what its pools did before is over. */
function withTypeThatLasted(record: PortalRecord, generation: GenerationRecord, now: number): PortalRecord {
  const { readyAt, request } = generation;
  if (readyAt === undefined || now - readyAt < earlyMs) return record;
  return { ...record, pools: withSuccess(record.pools, request.instanceTypes) };
}

/** The record once everything is in place on a machine: its pool has room. */
export function withReady(record: PortalRecord, number: number, now: number): PortalRecord {
  const types = record.generations.find((one) => one.number === number)?.request.instanceTypes ?? [];
  return {
    ...withGeneration(record, number, { readyAt: now }),
    everOpen: true,
    pools: withMachine(record.pools, types),
  };
}
