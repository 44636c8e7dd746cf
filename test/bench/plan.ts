// What happens to whom, decided by the seed before anything starts, so that every way of recovering meets the same.
import { chanceOf } from '../crash/chance.ts';
import { pauseMs, refusesMs } from './region.ts';

/** One interruption to come. */
export interface Case {
  /** How long the portal is left alone before it. */
  readonly pauseMs: number;
  /** For how long the interrupted pool gives nothing more; 0: it does not refuse. */
  readonly refusesMs: number;
}

/**
 * `interruptions` in all, dealt to `portals` in turn; in half of them the pool refuses. Only the `first` so many are
 * in the plan.
 */
export function planOf(seed: number, portals: number, interruptions: number, first: number): Case[][] {
  const chance = chanceOf(seed);
  const between = (range: { min: number; max: number }): number =>
    Math.round(range.min + chance.fraction() * (range.max - range.min));
  const refusing = chance.shuffled(Array.from({ length: interruptions }, (_, index) => index % 2 === 1));
  const cases = refusing.map((refuses) => ({
    pauseMs: between(pauseMs),
    refusesMs: refuses ? between(refusesMs) : 0,
  }));
  return Array.from({ length: portals }, (_, portal) =>
    cases.slice(0, first).filter((_one, index) => index % portals === portal),
  ).filter((some) => some.length > 0);
}
