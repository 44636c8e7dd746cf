// One shared view of EC2: a round of a few batched calls serves every portal, however many ask. Rounds are made on
// demand, never two at a time, and not faster than EC2's throttling likes.
import { PortalError } from '../../protocol/errors.ts';
import type { AwsPlace, CloudFleet, CloudInterest, CloudSnapshot, CloudView } from '../portal/cloud.ts';
import type { Difficulty } from '../portal/gateways.ts';
import { sortAwsError } from './aws-errors.ts';
import type { Describe } from './describe.ts';

/** Rounds begin at least so long after each other; more after EC2 refused or did not answer. */
const spacingMs = 300;
const longestSpacingMs = 15_000;

/** Three attempts of a call, each of which may be late with its headers or its end (aws.ts, guard-answers.ts), take longer. */
const usualLongestRoundMs = 40_000;

/**
 * Fleets whose instances and trouble are asked for in one round, in turn: when AWS takes back many machines at once, what
 * is asked for each of them must not bring the throttling down on all. Instances are found by their tags long before.
 */
const fleetsInFull = 5;

/** How far back a fleet's history is asked for; EC2 keeps 48 hours. */
const historyMs = 47 * 3_600_000;

export function createCloudView(parts: {
  describe: Describe;
  place: () => Promise<AwsPlace>;
  installation: string;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** A round that takes longer is given up, and the next one begins; late answers to it are ignored. */
  longestRoundMs?: number;
}): CloudView {
  const { describe, place, installation, now, sleep, longestRoundMs = usualLongestRoundMs } = parts;
  const interests = new Map<string, CloudInterest>();
  let latest: CloudSnapshot | undefined;
  /** Fleets that were asked for in full, the one that has waited longest first. */
  let inFull: ReadonlySet<string> = new Set();
  let current: { at: number; done: Promise<CloudSnapshot> } | undefined;
  let lastBegan = 0;
  let failures = 0;
  let trouble: Difficulty | undefined;

  const difficultyOf = ({ kind, message, hint }: PortalError): Difficulty => ({
    kind,
    message,
    since: trouble?.since ?? now(),
    ...(hint !== undefined && { hint }),
  });
  /** What was refused of the latest round, which does without. */
  let without: Difficulty | undefined;

  const round = async (at: number): Promise<CloudSnapshot> => {
    const wanted = [...interests.values()];
    const ids = (pick: (interest: CloudInterest) => readonly string[]): string[] => [
      ...new Set(wanted.flatMap(pick)),
    ];
    const fleetIds = ids((one) => one.fleetIds);
    const launching = nextInFull(ids((one) => one.launchingFleetIds));
    const [instances, volumes, fleets] = await Promise.all([
      allInstances(ids((one) => one.instanceIds)),
      describe.volumes(ids((one) => one.volumeIds)),
      describe.fleets(fleetIds, { launching, since: new Date(at - historyMs) }),
    ]);
    const spotRequests = instances
      .filter((one) => one.state !== 'terminated')
      .map((one) => one.spotRequestId)
      .filter((id) => id !== undefined);
    const refusedBefore = without;
    without = undefined;
    const status = await describe.spotStatus(spotRequests).catch((error: unknown) => {
      const told = sortAwsError(error, 'looking at the spot requests');
      if (told.kind !== 'permission') throw told;
      // One witness of three: nothing is to stand still for want of it.
      without = { ...difficultyOf(told), since: refusedBefore?.since ?? now() };
      return [];
    });
    return {
      at,
      place: await place(),
      instances: new Map(instances.map((one) => [one.id, one])),
      volumes: new Map(volumes.map((one) => [one.id, one])),
      fleets: new Map(fleets.map((one) => [one.id, launching.has(one.id) ? one : asLastSeen(one)])),
      askedFleets: new Set(fleetIds),
      spotStatus: new Map(status),
      ...(without !== undefined && { without }),
    };
  };

  /** Those of `ids` that have waited longest. */
  const nextInFull = (ids: readonly string[]): Set<string> => {
    const waited = [...inFull].filter((id) => ids.includes(id));
    const next = [...ids.filter((id) => !inFull.has(id)), ...waited].slice(0, fleetsInFull);
    inFull = new Set([...waited.filter((id) => !next.includes(id)), ...next]);
    return new Set(next);
  };
  const asLastSeen = (fleet: CloudFleet): CloudFleet => ({
    ...latest?.fleets.get(fleet.id),
    id: fleet.id,
    state: fleet.state,
    instanceIds: latest?.fleets.get(fleet.id)?.instanceIds ?? [],
  });

  const allInstances = async (known: readonly string[]) => {
    const own = await describe.ownInstances(installation);
    // A fleet role without the right to tag gives untagged instances: those are asked for by id.
    const missing = known.filter((id) => !own.some((one) => one.id === id));
    return missing.length === 0 ? own : [...own, ...(await describe.instances(missing))];
  };

  const begin = (): { at: number; done: Promise<CloudSnapshot> } => {
    const spacing = failures === 0 ? spacingMs : Math.min(longestSpacingMs, 1000 * 2 ** (failures - 1));
    const after = current?.done.then(
      () => undefined,
      () => undefined,
    );
    // The time of a round is when its calls begin, which is after the pause that it must keep.
    const started = {
      at: Number.POSITIVE_INFINITY,
      done: Promise.resolve<CloudSnapshot>(undefined as never),
    };
    started.done = (async () => {
      await after;
      const pause = Math.min(spacing, lastBegan + spacing - now());
      if (pause > 0) await sleep(pause);
      started.at = now();
      lastBegan = started.at;
      try {
        latest = await within(round(started.at), longestRoundMs);
        failures = 0;
        trouble = undefined;
        return latest;
      } catch (error) {
        const told: PortalError = sortAwsError(error, 'asking EC2');
        failures += 1;
        trouble = difficultyOf(told);
        throw told;
      } finally {
        if (current === started) current = undefined;
      }
    })();
    return started;
  };

  return {
    want: (owner, interest) => void interests.set(owner, interest),
    forget: (owner) => void interests.delete(owner),
    difficulty: () => trouble,
    observe({ notBefore, maximumAgeMs }) {
      const ageMs = latest === undefined ? Number.NaN : now() - latest.at;
      // One from the future was taken before the clock was put right.
      if (latest !== undefined && latest.at > notBefore && ageMs >= 0 && ageMs <= maximumAgeMs) {
        return Promise.resolve(latest);
      }
      // A round that waits for its turn has its time still to come, so it will do for everybody.
      if (current === undefined || current.at <= notBefore) current = begin();
      return current.done;
    },
  };
}

/** What `work` resolves to; rejects with PortalError `endpoint` when it takes longer. */
async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `asking EC2: it did not answer everything within ${limitMs / 1000} s`;
    reject(
      new PortalError('endpoint', message, { hint: 'check the network and the proxy; portald asks again' }),
    );
  }, limitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
