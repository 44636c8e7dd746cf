// AWS's time, by the Date of its answers: notices are told in it, and a laptop's clock may be off or be set. Between
// answers it goes by the process's own ticks, which nobody sets; after a laptop's sleep the next answer puts it right.

export interface AwsClock {
  /** AWS's time as far as it is known, milliseconds since the epoch. */
  now(): number;
  /** Takes in the Date header of an answer that has just come. */
  learn(date: string | undefined): void;
}

/** A Date header is cut to the second and comes late by the way: smaller differences tell nothing. */
const blurMs = 2000;

/** Begins with this machine's own time. `wall`: milliseconds since the epoch; `ticks`: milliseconds that only rise. */
export function createAwsClock(wall: () => number, ticks: () => number): AwsClock {
  let offset = wall() - ticks();
  return {
    now: () => Math.round(ticks() + offset),
    learn(date) {
      const told = Date.parse(date ?? '') + 500;
      if (Math.abs(told - ticks() - offset) > blurMs) offset = told - ticks();
    },
  };
}
