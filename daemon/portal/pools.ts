// What is remembered of pools (an instance type in the portal's zone) that gave no machine, or one that was of no use: which
// of them may be asked for now, and which only later. Each pool rests by itself, so that none waits for another. Pure.
import type { ErrorKind } from '../../protocol/errors.ts';
import type { Specification } from '../../protocol/specification/schema.ts';

/** Why a pool gave no machine of use, and when it may be asked for again. */
export interface PoolTrouble {
  readonly instanceType: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint?: string;
  /** In a row, of any kind, since a machine of it has lasted; those for want of capacity are not counted. */
  readonly failures: number;
  /** Time of the first of them, milliseconds. */
  readonly since: number;
  /** Time of the last. */
  readonly at: number;
  /** It is not asked for before, milliseconds. */
  readonly until: number;
}

export type LaunchFailure = Pick<PoolTrouble, 'kind' | 'message' | 'hint'>;

/** AWS itself goes on trying for such a fleet, which costs nothing: it need not be asked again and again. */
export const awaitedByAws: ReadonlySet<ErrorKind> = new Set(['capacity', 'price']);

/** Failures of this pool only: with another instance type the same request may do. */
export const ofPoolOnly: ReadonlySet<ErrorKind> = new Set([
  ...awaitedByAws,
  'quota',
  'unsupported',
  'ended-early',
]);

/** For so long others are tried before one without capacity. */
const withoutCapacityMs = 3 * 60_000;
/** A machine may be freed at any time, and what ended early may have been bad luck. */
const firstQuickMs = 10_000;
/** Nothing changes by itself: somebody must correct it. */
const firstStubbornMs = 60_000;
const longestRestMs = 15 * 60_000;
/** Of a pool that has not failed for so long after its rest nothing is remembered. */
const forgottenMs = 30 * 60_000;

/**
 * How long a pool rests after its nth failure in a row, milliseconds. `chance` (0 ≤ n < 1) spreads portals that failed
 * together. The first machine that ends early may be a coincidence, and costs no time.
 */
export function poolRestMs(kind: ErrorKind, failures: number, chance: number): number {
  const spread = 1 + chance / 4;
  if (awaitedByAws.has(kind)) return withoutCapacityMs * spread;
  const doublings = kind === 'ended-early' ? failures - 2 : failures - 1;
  if (doublings < 0) return 0;
  const first = ofPoolOnly.has(kind) ? firstQuickMs : firstStubbornMs;
  return Math.min(longestRestMs, first * 2 ** Math.min(20, doublings)) * spread;
}

/** The pools after those of `types` have failed. */
export function withFailure(
  pools: readonly PoolTrouble[],
  types: readonly string[],
  failure: LaunchFailure,
  now: number,
  chance: number,
): PoolTrouble[] {
  const { kind, message, hint } = failure;
  const failed = types.map((instanceType): PoolTrouble => {
    const earlier = pools.find((one) => one.instanceType === instanceType);
    const failures = (earlier?.failures ?? 0) + (awaitedByAws.has(kind) ? 0 : 1);
    return {
      instanceType,
      kind,
      message,
      ...(hint !== undefined && { hint }),
      failures,
      since: earlier?.kind === kind ? earlier.since : now,
      at: now,
      until: now + poolRestMs(kind, failures, chance),
    };
  });
  const others = pools.filter((one) => !types.includes(one.instanceType) && now - one.until < forgottenMs);
  return [...others, ...failed];
}

/** The pools after those of `types` gave a machine: that it ended early before is remembered until one has lasted. */
export function withMachine(pools: readonly PoolTrouble[], types: readonly string[]): PoolTrouble[] {
  return pools.filter((one) => !types.includes(one.instanceType) || one.kind === 'ended-early');
}

/** The pools after a machine of one of `types` has lasted. */
export function withSuccess(pools: readonly PoolTrouble[], types: readonly string[]): PoolTrouble[] {
  return pools.filter((one) => !types.includes(one.instanceType));
}

/** The pools after a machine of ours is gone: what the account had no room for may be tried at once. */
export function withRoom(pools: readonly PoolTrouble[], now: number): PoolTrouble[] {
  return pools.map((one) => (one.kind === 'quota' ? { ...one, until: Math.min(one.until, now) } : one));
}

/** The instance types of a specification, each once, in its order. */
export function typesOf({ spot_instance: instance }: Specification): string[] {
  return [...new Set([instance.instance_type, ...(instance.instance_types ?? [])])];
}

/** What may be asked for now; or the trouble of the pool that may be asked for first, at its `until`. */
export type Launchable = { readonly types: readonly string[] } | { readonly first: PoolTrouble };

/**
 * Which instance types may be asked for at `now`: of those that do not rest the first, or with `instance_types_order: any`
 * all. While all rest, all that AWS has no capacity for at once: it tries for them itself, and the first that comes back is
 * taken.
 */
export function launchable(
  specification: Specification,
  pools: readonly PoolTrouble[],
  now: number,
): Launchable {
  const types = typesOf(specification);
  const troubles = new Map(pools.map((one) => [one.instanceType, one]));
  const ready = types.filter((one) => (troubles.get(one)?.until ?? 0) <= now);
  if (ready.length > 0)
    return { types: specification.spot_instance.instance_types_order === 'any' ? ready : ready.slice(0, 1) };
  const resting = types.map((one) => troubles.get(one)).filter((one) => one !== undefined);
  const awaited = resting.filter((one) => awaitedByAws.has(one.kind));
  if (awaited.length > 0) return { types: awaited.map((one) => one.instanceType) };
  return { first: resting.reduce((soonest, one) => (one.until < soonest.until ? one : soonest)) };
}

/** Whether beside `requested`, for which there is no capacity, another type is to be tried, or to be waited for with them. */
export function hasOthers(
  specification: Specification,
  pools: readonly PoolTrouble[],
  requested: readonly string[],
  now: number,
): boolean {
  return typesOf(specification)
    .filter((one) => !requested.includes(one))
    .some((type) => {
      const trouble = pools.find((one) => one.instanceType === type);
      return trouble === undefined || trouble.until <= now || awaitedByAws.has(trouble.kind);
    });
}

/** A first opening is given up when so many machines in a row of every type that can be had at all have ended early. */
const openingDeaths = 3;

/** Why an opening has no prospect: every type has been tried, and none waits only for AWS or for luck; else undefined. */
export function hopeless(
  specification: Specification,
  pools: readonly PoolTrouble[],
): PoolTrouble | undefined {
  const troubles = typesOf(specification).map((type) => pools.find((one) => one.instanceType === type));
  const isHopeless = (one: PoolTrouble | undefined): boolean =>
    one !== undefined &&
    !awaitedByAws.has(one.kind) &&
    (one.kind !== 'ended-early' || one.failures >= openingDeaths);
  if (!troubles.every(isHopeless)) return undefined;
  return troubles.find((one) => one?.kind === 'ended-early') ?? troubles[0];
}
