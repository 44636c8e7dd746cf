// Chance with a seed that is printed, so that what a run met can be met again.

export interface Chance {
  /** 0 ≤ n < 1. */
  fraction(): number;
  /** A whole number, 0 ≤ n < `limit`. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[];
}

/** The seed of this run: PORTALD_CRASH_SEED, else a new one; printed either way. */
export function seedOf(environment: NodeJS.ProcessEnv, say: (text: string) => void): number {
  const given = Number(environment['PORTALD_CRASH_SEED'] ?? '');
  const seed = Number.isInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 1_000_000);
  say(`replay this with PORTALD_CRASH_SEED=${seed}`);
  return seed;
}

/** Whether all cases are wanted (PORTALD_CRASH=all), or a sample. */
export function allWanted(environment: NodeJS.ProcessEnv): boolean {
  return environment['PORTALD_CRASH'] === 'all';
}

/** Mulberry32: small, and the same on every machine. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    pick<T>(from: readonly T[]): T {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error('there is nothing to pick from');
      return found;
    },
    shuffled: (things) =>
      things
        .map((thing) => ({ thing, place: fraction() }))
        .sort((left, right) => left.place - right.place)
        .map(({ thing }) => thing),
  };
}
