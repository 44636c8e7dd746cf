// One look at what AWS has of this installation, and the end of what has belonged to no record for long enough.
import type { Message } from '../../protocol/events.ts';
import { tagNames } from '../portal/cloud.ts';
import type { Belonging, Belongings } from './belonging.ts';
import type { Claims } from './claims.ts';
import { isOfNoFleet, type Orphan, orphansOf } from './decide-orphans.ts';
import type { Log } from './log.ts';
import { isRipe, type Sighting, type Sightings, sightedAgain } from './sightings.ts';

export interface SweepParts {
  readonly belongings: Belongings;
  /** Read anew each time; rejects when a file among the records cannot be read. */
  readonly claims: () => Promise<Claims>;
  readonly now: () => number;
  /** How long something must have been an orphan before it is ended. */
  readonly graceMs: number;
  readonly log: Log;
  readonly said: (message: Message) => void;
}

export interface Sweep {
  /** Looks once. Rejects when the look was not complete; then nothing has changed and nothing was ended. */
  round(signal: AbortSignal): Promise<void>;
  sighting(id: string): Sighting | undefined;
}

export function createSweep(parts: SweepParts): Sweep {
  const { belongings, claims, now, graceMs, log, said } = parts;
  let sightings: Sightings = new Map();
  const tagged = new Set<string>();
  const told = new Set<string>();

  const tell = (orphan: Orphan, text: string): void => {
    log.warn({ portal: orphan.portal, id: orphan.belonging.id }, text);
    said({ at: new Date(now()).toISOString(), portal: orphan.portal, level: 'warning', text });
  };

  const tellOnce = (orphan: Orphan): void => {
    const { id } = orphan.belonging;
    const { portal, keptFor } = orphan;
    const key = `${id} ${keptFor ?? ''}`;
    if (told.has(key)) return;
    told.add(key);
    if (keptFor !== undefined) {
      tell(
        orphan,
        `${id} of portal ${portal} costs money and is kept only for ${keptFor}: see portalctl orphans`,
      );
    } else if (orphan.endsByItself) {
      const minutes = Math.ceil(graceMs / 60_000);
      tell(orphan, `${id} of portal ${portal} belongs to no record; it is ended in ${minutes} minutes`);
    } else if (isOfNoFleet(orphan.belonging)) {
      tell(
        orphan,
        `${id} carries the tags of portal ${portal}, but no spot fleet launched it: portald leaves it alone; see portalctl orphans`,
      );
    } else tell(orphan, `${id} belongs to no record and its tags are not whole: see portalctl orphans`);
  };

  /** EC2 gives our tags to what a fleet launches, but not to its root volume, which may outlive it. */
  const tagRoots = async (machines: readonly Belonging[]): Promise<void> => {
    for (const { id, outlivingRoot, tags } of machines) {
      if (outlivingRoot === undefined || tagged.has(outlivingRoot)) continue;
      const own = Object.values(tagNames).filter((name) => tags[name] !== undefined);
      try {
        await belongings.tagVolume(
          outlivingRoot,
          Object.fromEntries(own.map((name) => [name, tags[name] ?? ''])),
        );
        tagged.add(outlivingRoot);
        log.info({ id, volume: outlivingRoot }, 'tagged a root volume that will outlive its instance');
      } catch (error) {
        log.warn({ id, volume: outlivingRoot, err: error }, 'could not tag a root volume');
      }
    }
  };

  const end = async (orphan: Orphan, machines: readonly Belonging[]): Promise<void> => {
    const { belonging, portal } = orphan;
    // A record may have turned up since.
    const still = orphansOf(machines, await claims()).find((one) => one.belonging.id === belonging.id);
    if (still?.endsByItself !== true) return;
    try {
      await belongings.remove(belonging);
      tell(orphan, `ended ${belonging.id} of portal ${portal}: it belonged to no record`);
    } catch (error) {
      log.warn({ portal, id: belonging.id, err: error }, 'could not end what belongs to no record');
    }
  };

  return {
    async round(signal) {
      const machines = await belongings.machines(signal);
      const orphans = orphansOf(machines, await claims());
      signal.throwIfAborted();
      sightings = sightedAgain(sightings, orphans, now());
      for (const orphan of orphans) tellOnce(orphan);
      await tagRoots(machines);
      const ripe = orphans.filter((one) => isRipe(sightings.get(one.belonging.id), now(), graceMs));
      // Fleets first: one that is still active could launch another instance.
      const order = [...ripe.filter(isFleet), ...ripe.filter((one) => !isFleet(one))];
      for (const orphan of order) {
        signal.throwIfAborted();
        await end(orphan, machines);
      }
    },
    sighting: (id) => sightings.get(id),
  };
}

function isFleet({ belonging }: Orphan): boolean {
  return belonging.kind === 'fleet';
}
