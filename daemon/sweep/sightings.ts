// How often and for how long something has been seen as an orphan: one look may be wrong, and so may a clock. Pure.
import type { Orphan } from './decide-orphans.ts';

export interface Sighting {
  readonly since: number;
  readonly looks: number;
}

/** By id. */
export type Sightings = ReadonlyMap<string, Sighting>;

const leastLooks = 2;

/** After a complete look at `now`: what is no orphan any more, or is kept, is forgotten and would begin anew. */
export function sightedAgain(before: Sightings, orphans: readonly Orphan[], now: number): Sightings {
  return new Map(
    orphans
      .filter((one) => one.endsByItself)
      .map(({ belonging: { id } }): [string, Sighting] => {
        const known = before.get(id);
        return [id, { since: known?.since ?? now, looks: (known?.looks ?? 0) + 1 }];
      }),
  );
}

/** Whether an orphan has been one in enough looks and for long enough to be ended. */
export function isRipe(sighting: Sighting | undefined, now: number, graceMs: number): boolean {
  return sighting !== undefined && sighting.looks >= leastLooks && now - sighting.since >= graceMs;
}
