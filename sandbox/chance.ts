// The seeded generator: everything that is drawn (ids, delays, fault chances) comes from here, so that the
// same seed and the same calls give the same run.

/** One stream of draws. */
export type Chance = {
  /** A number in [0, 1). */
  fraction(): number;
  /** `length` hexadecimal digits. */
  hex(length: number): string;
  /** A whole number of milliseconds inside the range. */
  delayMs(range: DelayRange): number;
};

/** A fixed delay in milliseconds, or the bounds it is drawn from. */
export type DelayRange = number | { min: number; max: number };

/** Makes the stream called `name` of a seed. Streams do not disturb one another: polling draws no ids. */
export function chance(seed: number, name: string): Chance {
  let state = seed >>> 0;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 0x9e3779b1) >>> 0;
  // mulberry32
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    fraction,
    hex: (length) => Array.from({ length }, () => Math.floor(fraction() * 16).toString(16)).join(''),
    delayMs: (range) =>
      typeof range === 'number' ? range : Math.round(range.min + fraction() * (range.max - range.min)),
  };
}

/** The streams of a seed by name, each made at its first use. */
export function streams(seed: number): (...name: string[]) => Chance {
  const made = new Map<string, Chance>();
  return (...words) => {
    const name = words.join(' ');
    const stream = made.get(name) ?? chance(seed, name);
    made.set(name, stream);
    return stream;
  };
}
