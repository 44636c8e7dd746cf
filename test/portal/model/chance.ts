// Chance that can be replayed: everything random in a simulated life comes from one seed.

export interface Chance {
  /** At least 0, less than 1. */
  next(): number;
  happens(probability: number): boolean;
  /** A whole number, both ends included. */
  between(lowest: number, highest: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
}

/** The same seed gives the same chance (the generator is mulberry32). */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    happens: (probability) => next() < probability,
    between: (lowest, highest) => lowest + Math.floor(next() * (highest - lowest + 1)),
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
  };
}
