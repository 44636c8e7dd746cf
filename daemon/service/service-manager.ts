// What systemd wants to hear of a service of Type=notify: ready, what it does, that it is alive, that it ends.
// Node cannot send the datagrams itself, so systemd-notify does.
import { execFile } from 'node:child_process';

export interface ServiceManager {
  /** Who waits for portald's start may go on. */
  ready(status: string): void;
  /** A line for people, in `systemctl status`. */
  status(text: string): void;
  /** The configuration is being read anew; `ready` ends that. */
  reloading(): void;
  stopping(): void;
  /** How often `alive` must be said at least, milliseconds; undefined if nobody listens for it. */
  readonly watchdogMs: number | undefined;
  alive(): void;
  /** Resolves once everything said has been passed on. */
  flush(): Promise<void>;
}

/** Nothing is worth waiting longer for. */
const timeoutMs = 3000;

/**
 * Takes NOTIFY_SOCKET and WATCHDOG_* out of `environment`, so that no child speaks for portald. Without a service manager
 * everything is said to nobody.
 */
export function createServiceManager(
  environment: NodeJS.ProcessEnv,
  pid: number,
  monotonicMicroseconds: () => bigint,
): ServiceManager {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdog, WATCHDOG_PID: watched, PATH: path } = environment;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
  const isWatched =
    socket !== undefined && watchdog !== undefined && (watched ?? String(pid)) === String(pid);
  let last: Promise<void> = Promise.resolve();
  let shown: string | undefined;

  const say = (...words: readonly string[]): void => {
    if (socket === undefined) return;
    const env = { NOTIFY_SOCKET: socket, PATH: path ?? '/usr/bin:/bin' };
    last = last.then(
      () =>
        new Promise((resolve) => {
          // That systemd was not told is no reason for anything: it acts on silence by itself.
          execFile('systemd-notify', words, { env, timeout: timeoutMs }, () => resolve());
        }),
    );
  };
  return {
    ready(status) {
      shown = status;
      say('--ready', `--pid=${pid}`, `--status=${status}`);
    },
    status(text) {
      if (text === shown) return;
      shown = text;
      say(`--status=${text}`);
    },
    reloading: () => say('RELOADING=1', `MONOTONIC_USEC=${monotonicMicroseconds()}`),
    stopping: () => say('STOPPING=1'),
    watchdogMs: isWatched ? Number(watchdog) / 1000 : undefined,
    alive: () => say('WATCHDOG=1'),
    flush: () => last,
  };
}
