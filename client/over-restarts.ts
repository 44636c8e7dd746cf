// Watches portald across its restarts, with one connection after the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalError } from '../protocol/errors.ts';
import type { Invocation } from './command.ts';
import type { Connection } from './connection.ts';
import { type Greeting, withDaemon } from './daemon.ts';

export interface Session {
  /**
   * Goes on until the watching is over, or throws; calls `isSeen` once it has got what it needs: from then on what passes is
   * waited for.
   */
  run(connection: Connection, greeting: Greeting, isSeen: () => void): Promise<void>;
  /** The connection was lost; told once until another one is good. */
  lost(error: PortalError): void;
}

const tryAgainMs = 1000;
/** A portald that hangs is reported soon. */
const greetingTimeoutMs = 2000;

/** Until `signal` aborts. Throws what a first try meets, and what no other try will mend. */
export async function overRestarts(
  invocation: Invocation,
  signal: AbortSignal,
  session: Session,
): Promise<void> {
  let isFirst = true;
  let isLost = false;
  while (!signal.aborted) {
    try {
      await withDaemon(
        invocation,
        (connection, greeting) =>
          session.run(connection, greeting, () => {
            [isFirst, isLost] = [false, false];
          }),
        greetingTimeoutMs,
      );
    } catch (error) {
      const isPassing =
        error instanceof PortalError && (error.kind === 'no-daemon' || error.kind === 'slow-subscriber');
      if (isFirst || !isPassing) throw error;
      if (!isLost) session.lost(error);
      isLost = true;
      await sleep(tryAgainMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
