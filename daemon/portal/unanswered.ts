// A fleet request that had no clear answer: it may have made a fleet all the same, so it is repeated with its token, after
// pauses that grow. Pure.
import type { ErrorKind } from '../../protocol/errors.ts';
import { type Failure, type PortalRecord, withGeneration } from './record.ts';

const kinds: ReadonlySet<ErrorKind> = new Set(['endpoint', 'throttled', 'credentials']);
const firstPauseMs = 3000;
const longestPauseMs = 30_000;

/** Whether a request that failed so may have been carried out all the same. */
export function isUnanswered(kind: ErrorKind): boolean {
  return kinds.has(kind);
}

/** Pause after the nth request in a row without an answer, milliseconds; `chance` (0 ≤ n < 1) spreads portals. */
export function unansweredPauseMs(failures: number, chance: number): number {
  const doubled = firstPauseMs * 2 ** Math.min(20, Math.max(0, failures - 1));
  return Math.min(longestPauseMs, doubled) * (1 + chance / 4);
}

/** The record after the request of `generation` failed so once more. */
export function withUnanswered(
  record: PortalRecord,
  generation: number,
  failure: Failure,
  chance: number,
): PortalRecord {
  const earlier = record.generations.find((one) => one.number === generation)?.unanswered;
  const failures = (earlier?.failures ?? 0) + 1;
  const notBefore = failure.at + unansweredPauseMs(failures, chance);
  const at = earlier?.at ?? failure.at;
  return withGeneration(record, generation, { unanswered: { ...failure, at, failures, notBefore } });
}
