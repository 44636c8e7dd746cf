// Keeps one instance connected: attempt after attempt until told to end, each failure told, none final.
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalError } from '../../protocol/errors.ts';
import type { Connection } from './connection.ts';

export interface KeepConnectedParts {
  /** Connects, or rejects with PortalError. */
  readonly attempt: (signal: AbortSignal) => Promise<Connection>;
  /** Lives with a connection until it is lost or `signal` aborts; must not reject. */
  readonly attend: (connection: Connection) => Promise<void>;
  readonly failed: (error: PortalError) => void;
  readonly signal: AbortSignal;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
}

const shortestPauseMs = 500;
const longestPauseMs = 15_000;
/** A booting instance refuses connections and logins, cheaply: asking often makes portals open sooner. */
const bootingPauseMs = 1500;
const bootingFailures = 120;

/** Resolves once `signal` aborted and the last connection is left. */
export async function keepConnected(parts: KeepConnectedParts): Promise<void> {
  const { signal } = parts;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const connection = await parts.attempt(signal);
      failures = 0;
      try {
        await parts.attend(connection);
      } finally {
        connection.end();
        await connection.closed;
      }
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      parts.failed(error instanceof PortalError ? error : unexpected(error));
    }
    await sleep(pauseMs(failures, parts.random()), undefined, { signal }).catch(() => {});
  }
}

/** Doubles from 0.5 s, to 1.5 s in the first minutes and to 15 s later, less up to a quarter of chance. */
export function pauseMs(failures: number, chance: number): number {
  const longestMs = failures <= bootingFailures ? bootingPauseMs : longestPauseMs;
  return Math.min(shortestPauseMs * 2 ** Math.max(0, failures - 1), longestMs) * (1 - chance / 4);
}

function unexpected(error: unknown): PortalError {
  return new PortalError('ssh', 'connecting failed unexpectedly', { cause: error });
}
