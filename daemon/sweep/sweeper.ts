// When the sweep looks: a little after the start, then again and again until portald ends.
import { PortalError } from '../../protocol/errors.ts';
import type { Log } from './log.ts';
import type { Sweep } from './sweep.ts';

export interface SweeperParts {
  readonly sweep: Sweep;
  readonly firstAfterMs: number;
  readonly everyMs: number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

export interface Sweeper {
  /** Ends the looking, a look under way too; resolves at once. */
  end(): Promise<void>;
}

export function startSweeper(parts: SweeperParts): Sweeper {
  const { sweep, firstAfterMs, everyMs, sleep, log } = parts;
  const stop = new AbortController();
  const { signal } = stop;
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let failing = false;

  const look = async (): Promise<void> => {
    try {
      await sweep.round(signal);
      if (failing) log.info({}, 'looking for what belongs to no record works again');
      failing = false;
    } catch (error) {
      if (signal.aborted) return;
      // Who has no credentials may have no use for them yet: told once.
      const level = failing ? 'debug' : 'warn';
      const reason = error instanceof PortalError ? { reason: error.message } : { err: error };
      log[level](reason, 'could not look for what belongs to no record; tried again in a while');
      failing = true;
    }
  };
  const life = (async () => {
    await sleep(firstAfterMs, signal);
    while (!signal.aborted) {
      // A call may take long to answer, or to find no credentials: the end does not wait for that.
      await Promise.race([look(), aborted]);
      await sleep(everyMs, signal);
    }
  })();
  return {
    async end() {
      stop.abort();
      await life;
    },
  };
}
