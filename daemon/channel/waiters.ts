// Those who wait until everything that was marked before is synchronised.
import { PortalError } from '../../protocol/errors.ts';

export interface Waiting {
  /** For how long, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What is in the way when the time is over, if anything is. */
  readonly obstacle: () => string | undefined;
}

export interface Waiters {
  /**
   * Resolves once `mark` is covered. Rejects with PortalError of kind `channel` when the time is over or by `giveUp`, of kind
   * `cancelled` when `signal` aborts. Its timer and listener end with it.
   */
  until(mark: number, waiting: Waiting): Promise<void>;
  /** All marks up to this one are covered. */
  cover(mark: number): void;
  /** Nobody is to wait any more, for this reason. */
  giveUp(reason: PortalError): void;
}

interface Waiter {
  readonly mark: number;
  readonly resolve: () => void;
  readonly reject: (reason: PortalError) => void;
}

export function createWaiters(): Waiters {
  const waiters = new Set<Waiter>();
  return {
    until(mark, { timeoutMs, signal, obstacle }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiter: Waiter = { mark, resolve, reject };
      waiters.add(waiter);
      const timer = setTimeout(() => {
        const why = obstacle();
        const late = `not synchronised within ${timeoutMs / 1000} s`;
        reject(new PortalError('channel', why === undefined ? late : `${late}: ${why}`));
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
    cover(mark) {
      for (const waiter of waiters) if (waiter.mark <= mark) waiter.resolve();
    },
    giveUp(reason) {
      for (const waiter of waiters) waiter.reject(reason);
    },
  };
}
