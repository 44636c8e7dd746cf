// How long a launch that failed is not tried again, by the sort of its failure. Pure.
import type { ErrorKind } from '../../protocol/errors.ts';

/** Errors after which the request may have been carried out all the same: it is repeated with its token. */
export const unanswered: ReadonlySet<ErrorKind> = new Set(['endpoint', 'throttled', 'credentials']);

const unansweredPauseMs = 3000;
const longestUnansweredPauseMs = 30_000;
/** The account has room for one instance only: the place of the one that is going is tried for often. */
const oneAfterTheOtherPauseMs = 10_000;
const stubbornPauseMs = 60_000;
const longestStubbornPauseMs = 15 * 60_000;
/** A pool without capacity is left alone for so long. */
const poolRestMs = 3 * 60_000;

/**
 * Pause before the next request, milliseconds. `failures` counts those in a row, this one included; `chance` (0 ≤ n < 1)
 * spreads portals that failed together; `beside` tells that another instance of the portal is still there.
 */
export function launchPauseMs(kind: ErrorKind, failures: number, chance: number, beside: boolean): number {
  const doubled = 2 ** Math.min(20, Math.max(0, failures - 1));
  const spread = 1 + chance / 4;
  // The pool rests, not the portal: another one may be tried at once.
  if (kind === 'capacity' || kind === 'price') return 0;
  if (unanswered.has(kind)) return Math.min(longestUnansweredPauseMs, unansweredPauseMs * doubled) * spread;
  if (kind === 'quota' && beside) return oneAfterTheOtherPauseMs;
  return Math.min(longestStubbornPauseMs, stubbornPauseMs * doubled) * spread;
}

/** How long a pool is left alone that had no capacity, milliseconds. */
export function restMs(chance: number): number {
  return poolRestMs * (1 + chance / 4);
}
