// Waits until EC2 has done what it was asked: looks again and again, and never gives up by itself.
import { PortalError } from '../../protocol/errors.ts';

export interface Waiting<Seen, Result> {
  readonly ask: () => Promise<Seen>;
  /** The result of the waiting once it is there; throws if it never will be. */
  readonly judge: (seen: Seen) => Result | undefined;
  /** What goes on all the same when nobody waits for it: `vol-1 is still being created`. */
  readonly goesOn: string;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const firstPauseMs = 250;
const longestPauseMs = 5000;
/** So many failed looks in a row are still put down to the network or to throttling. */
const patience = 5;

/** Rejects with what `judge` throws, with PortalError `cancelled` once `signal` aborts, or when EC2 cannot be asked. */
export async function waitUntil<Seen, Result>(waiting: Waiting<Seen, Result>): Promise<Result> {
  const { ask, judge, goesOn, signal, sleep } = waiting;
  let failures = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const seen = await ask().catch((error: unknown) => {
      if (signal.aborted) return undefined;
      failures++;
      if (!(error instanceof PortalError)) throw error;
      const passes = error.kind === 'endpoint' || error.kind === 'throttled';
      if (passes && failures < patience) return undefined;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new PortalError(error.kind, `${goesOn}, but cannot be followed: ${error.message}`, hint);
    });
    if (signal.aborted) throw new PortalError('cancelled', `no longer waiting: ${goesOn}`);
    if (seen !== undefined) {
      failures = 0;
      const result = judge(seen);
      if (result !== undefined) return result;
    }
    await sleep(pauseMs, signal);
  }
}
