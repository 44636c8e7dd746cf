// How far AWS's clock is from this machine's, by the Date of its answers: notices are told in AWS's time, and a
// laptop's clock may be off or jump.

export interface ClockOffset {
  /** Milliseconds to be added to this machine's clock. */
  offsetMs(): number;
  /** Takes in the Date header of an answer that came at `now`. */
  learn(date: string | undefined, now: number): void;
}

/** A Date header is cut to the second and comes late by the way: smaller differences tell nothing. */
const blurMs = 2000;

export function createClockOffset(): ClockOffset {
  let offset = 0;
  return {
    offsetMs: () => offset,
    learn(date, now) {
      const told = Date.parse(date ?? '');
      if (Number.isNaN(told)) return;
      const seen = told + 500 - now;
      // A difference that is within the blur of what is known changes nothing: the clock must not tremble.
      if (Math.abs(seen - offset) <= blurMs) return;
      offset = Math.abs(seen) <= blurMs ? 0 : seen;
    },
  };
}
