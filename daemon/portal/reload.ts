// An edited specification taken up while the portal is open: channels and commands at once, the rest with the next
// instance, volumes and zone not at all. Pure.
import type { Specification } from '../../protocol/specification/schema.ts';
import type { PortalRecord } from './record.ts';

/** The specification by which the next instance is launched. */
export function launchSpecification(record: Pick<PortalRecord, 'next' | 'specification'>): Specification {
  return record.next?.specification ?? record.specification;
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Fields that hold for as long as a portal is open, and differ. */
export function lastingDifferences(old: Specification, edited: Specification): string[] {
  const isZone = old.spot_instance.availability_zone === edited.spot_instance.availability_zone;
  return [
    ...(isZone ? [] : ['spot_instance.availability_zone']),
    ...(isSame(old.persistent_volumes, edited.persistent_volumes) ? [] : ['persistent_volumes']),
  ];
}

/** Fields that will hold with the next instance. */
export function pendingFields({
  specification,
  next,
}: Pick<PortalRecord, 'specification' | 'next'>): string[] {
  if (next === undefined) return [];
  const { spot_instance: now, spot_fleet: fleet, host_key: hostKey } = specification;
  const { spot_instance: then } = next.specification;
  const names = [...new Set([...Object.keys(now), ...Object.keys(then)])] as (keyof typeof now)[];
  return [
    ...names.filter((name) => !isSame(now[name], then[name])).map((name) => `spot_instance.${name}`),
    ...(isSame(fleet, next.specification.spot_fleet) ? [] : ['spot_fleet.iam_fleet_role']),
    ...(hostKey === next.specification.host_key ? [] : ['host_key']),
  ];
}

/** The record with the edited specification; only of one without `lastingDifferences`. */
export function reloaded(
  record: PortalRecord,
  text: string,
  edited: Specification,
  rootDevice: string | undefined,
): PortalRecord {
  const { next: _before, pausedChannels = [], ...old } = record;
  const { channels, on_open: onOpen, on_interruption: onInterruption } = edited;
  const { on_open: _open, on_interruption: _interruption, ...kept } = old.specification;
  const next = { specification: edited, ...(rootDevice !== undefined && { rootDevice }) };
  const paused = pausedChannels.map((index) => old.specification.channels[index]);
  const changed: PortalRecord = {
    ...old,
    // What failed may do with what was corrected, and is tried at once.
    pools: [],
    generations: old.generations.map(({ unanswered, ...one }) =>
      unanswered === undefined ? one : { ...one, unanswered: { ...unanswered, notBefore: 0 } },
    ),
    specificationText: text,
    specification: {
      ...kept,
      channels,
      ...(onOpen !== undefined && { on_open: onOpen }),
      ...(onInterruption !== undefined && { on_interruption: onInterruption }),
    },
    pausedChannels: channels.flatMap((one, index) => (paused.some((was) => isSame(was, one)) ? [index] : [])),
  };
  return pendingFields({ ...changed, next }).length > 0 ? { ...changed, next } : changed;
}

/** The record as the next instance is launched by it. */
export function withNextSpecification(record: PortalRecord): PortalRecord {
  if (record.next === undefined) return record;
  const { next, rootDevice: _old, ...rest } = record;
  const { rootDevice } = next;
  return { ...rest, specification: next.specification, ...(rootDevice !== undefined && { rootDevice }) };
}
