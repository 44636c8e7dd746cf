// One channel: marks what is to be done, makes passes when they are due, and answers those who wait for one. At most one
// pass runs at a time; it owns its rsync.
import { PortalError } from '../../protocol/errors.ts';
import type { Channel, SshTransport } from '../portal/gateways.ts';
import { createAlarm } from './alarm.ts';
import { dueTime } from './due-time.ts';
import type { Log } from './log.ts';
import type { Pass } from './pass.ts';
import type { SourceWatch } from './watch-source.ts';

export interface ChannelParts {
  readonly passes: (transport: SshTransport) => Pass;
  /** Starts watching the source; absent for a channel that looks every `delayMs`. */
  readonly watch: ((changed: () => void) => SourceWatch) | undefined;
  readonly delayMs: number;
  readonly now: () => number;
  readonly log: Log;
  readonly changed: () => void;
}

interface Waiter {
  readonly mark: number;
  readonly settle: (error?: PortalError) => void;
}

/** Starts watching. */
export function createChannel({ passes, watch, delayMs, now, log, changed }: ChannelParts): Channel {
  const alarm = createAlarm();
  const waiters = new Set<Waiter>();
  // Each change is a mark; the last good pass covers all marks up to `covered`.
  let marks = 0;
  let covered = 0;
  let firstMark = 0;
  let lastMark = 0;
  let isUrgent = false;
  let synchronisations = 0;
  let lastSynchronisedAt: string | undefined;
  let error: PortalError | undefined;
  let failingSince: string | undefined;
  let remark: string | undefined;
  let failures = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
  let isPassing = false;
  /** The transport in use: aborting `stop` ends its loop, which `ended` tells. */
  let current: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  const mark = (): void => {
    lastMark = now();
    if (marks === covered) firstMark = lastMark;
    marks++;
    alarm.wake();
  };
  const watching = watch?.(mark);

  const attempt = async (pass: Pass, signal: AbortSignal): Promise<void> => {
    const covers = marks;
    isUrgent = false;
    isPassing = true;
    changed();
    try {
      remark = await pass(signal);
      signal.throwIfAborted();
      covered = covers;
      failures = 0;
      error = undefined;
      failingSince = undefined;
      if (remark === undefined) {
        synchronisations++;
        lastSynchronisedAt = new Date(now()).toISOString();
      }
      if (marks > covered) firstMark = lastMark;
      for (const waiter of waiters) if (waiter.mark <= covered) waiter.settle();
    } catch (thrown) {
      if (!signal.aborted) {
        failures++;
        failingSince ??= new Date(now()).toISOString();
        error = thrown instanceof PortalError ? thrown : unexpected(thrown);
        log.warn({ error: error.message, cause: error.cause }, 'a synchronisation failed');
      }
    }
    isPassing = false;
    lastEnd = now();
    changed();
  };
  const loop = async (pass: Pass, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const isPeriodic = watching === undefined || watching.trouble() !== undefined;
      const clock = { firstMark, lastMark, isUrgent, lastEnd, failures, delayMs, isPeriodic };
      const due = dueTime({ ...clock, now: now(), isDirty: marks > covered });
      if (due !== undefined && due <= now()) await attempt(pass, signal);
      else await alarm.sleep(due === undefined ? undefined : due - now());
    }
  };
  const stop = (): Promise<void> => {
    const stopping = current;
    current = undefined;
    stopping?.stop.abort();
    alarm.wake();
    return stopping?.ended ?? Promise.resolve();
  };
  const pause = async (): Promise<void> => {
    const stopped = stop();
    for (const waiter of waiters) waiter.settle(new PortalError('channel', 'the channel was paused'));
    failures = 0;
    error = undefined;
    failingSince = undefined;
    await stopped;
    changed();
  };

  const view = (): ReturnType<Channel['view']> => {
    const note = remark ?? watching?.trouble();
    return {
      state:
        current === undefined ? 'stopped' : isPassing ? 'synchronising' : failures > 0 ? 'retrying' : 'idle',
      synchronisations,
      ...(lastSynchronisedAt !== undefined && { lastSynchronisedAt }),
      ...(error !== undefined && { error: error.message }),
      ...(failingSince !== undefined && { failingSince }),
      ...(note !== undefined && { note }),
    };
  };

  return {
    view,
    resume(transport) {
      const stopped = stop();
      const controller = new AbortController();
      mark();
      isUrgent = true;
      const ended = stopped.then(() => loop(passes(transport), controller.signal));
      current = { stop: controller, ended };
    },
    pause,
    synchronise({ timeoutMs, signal }) {
      if (current === undefined) return Promise.reject(new PortalError('channel', 'the channel is paused'));
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      mark();
      isUrgent = true;
      const settle = (reason?: PortalError): void => (reason === undefined ? resolve() : reject(reason));
      const waiter = { mark: marks, settle };
      waiters.add(waiter);
      const timer = setTimeout(() => {
        const seconds = `not synchronised within ${timeoutMs / 1000} s`;
        reject(new PortalError('channel', error === undefined ? seconds : `${seconds}: ${error.message}`));
      }, timeoutMs);
      const aborted = (): void => reject(new PortalError('cancelled', 'the synchronisation was given up'));
      if (signal.aborted) aborted();
      signal.addEventListener('abort', aborted, { once: true });
      return promise.finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        waiters.delete(waiter);
      });
    },
    async close() {
      await pause();
      await watching?.close();
    },
  };
}

function unexpected(cause: unknown): PortalError {
  return new PortalError('channel', 'synchronising failed unexpectedly', { cause });
}
