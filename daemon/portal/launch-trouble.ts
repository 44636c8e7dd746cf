// Why a portal has no machine, for the one who waits for it: the last failure, and when it is tried again. Pure.
import type { Difficulty } from './gateways.ts';
import { launchable, type PoolTrouble, typesOf } from './pools.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import { launchSpecification } from './reload.ts';

export interface LaunchTrouble extends Difficulty {
  /** Milliseconds; absent while an attempt is under way. */
  readonly nextAttemptAt?: number;
}

/** `worker`: the generation that the portal is to live on, if there is one. */
export function launchTrouble(
  record: PortalRecord,
  worker: GenerationRecord | undefined,
  now: number,
): LaunchTrouble | undefined {
  if (record.wish === 'closed' || worker?.readyAt !== undefined) return undefined;
  if (worker?.unanswered !== undefined) {
    const { kind, message, hint, at, notBefore } = worker.unanswered;
    return { kind, message, ...(hint !== undefined && { hint }), since: at, nextAttemptAt: notBefore };
  }
  const specification = launchSpecification(record);
  const types = worker?.instanceId === undefined ? typesOf(specification) : worker.request.instanceTypes;
  const troubles = record.pools.filter((one) => types.includes(one.instanceType));
  const latest = troubles.reduce<PoolTrouble | undefined>(
    (known, one) => (known === undefined || one.at > known.at ? one : known),
    undefined,
  );
  if (latest === undefined || isCoincidence(record, latest)) return undefined;
  const { kind, message, hint, since } = latest;
  const launch = worker === undefined ? launchable(specification, record.pools, now) : undefined;
  return {
    kind,
    message,
    ...(hint !== undefined && { hint }),
    since,
    ...(launch !== undefined && 'first' in launch && { nextAttemptAt: launch.first.until }),
  };
}

/** The first machine that ends early, of a portal that was open before: it is replaced at once, and its end is an event. */
function isCoincidence({ everOpen }: PortalRecord, { kind, failures }: PoolTrouble): boolean {
  return everOpen && kind === 'ended-early' && failures === 1;
}
