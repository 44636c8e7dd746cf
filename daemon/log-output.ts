// portald's standard output as a place that can never stop it: a terminal that is held (Ctrl-S), a pipe or a socket whose reader
// reads no more. What it does not take waits, to a limit; beyond that lines are lost here, and counted.
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';

export interface LogOutput {
  /** Takes a line with its end; never throws, and never waits. */
  write(line: string): void;
  /** At the end of the process: gives the reader a short time to take what waits. */
  flush(): void;
}

export interface LogOutputOptions {
  /** Lines wait up to this size in all. */
  readonly maximumWaitingBytes: number;
  /** Called when what was stopped goes on, with how many lines were lost meanwhile. */
  readonly resumed: (lost: number) => void;
  readonly failed: (error: Error) => void;
}

const firstRetryMs = 20;
const longestRetryMs = 1000;
/** At the end, so long in so many attempts. */
const lastAttempts = 20;
const lastPauseMs = 10;

/** `fd` as it was inherited. */
export function createLogOutput(fd: number, options: LogOutputOptions): LogOutput {
  const { maximumWaitingBytes, resumed, failed } = options;
  let descriptor = notWaiting(fd, failed);
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let lost = 0;
  let retryMs = firstRetryMs;
  let timer: NodeJS.Timeout | undefined;

  /** Writes what it takes; returns whether nothing waits any more. */
  const drain = (): boolean => {
    for (let next = waiting[0]; next !== undefined && descriptor !== undefined; next = waiting[0]) {
      try {
        const count = writeSync(descriptor, next);
        waitingBytes -= count;
        retryMs = firstRetryMs;
        if (count < next.length) waiting[0] = next.subarray(count);
        else waiting.shift();
      } catch (error) {
        if (isFull(error)) return false;
        // A full disk, or a reader that is gone: what it would not take is not kept, and the next line is tried.
        if (isGone(error)) descriptor = undefined;
        waiting.length = 0;
        waitingBytes = 0;
      }
    }
    return true;
  };
  const later = (): void => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      const isDrained = drain();
      retryMs = Math.min(longestRetryMs, 2 * retryMs);
      if (!isDrained) return later();
      const missing = lost;
      lost = 0;
      if (missing > 0) resumed(missing);
    }, retryMs);
    timer.unref();
  };

  return {
    write(line) {
      if (descriptor === undefined) return;
      const bytes = Buffer.from(line);
      if (waitingBytes + bytes.length > maximumWaitingBytes) {
        lost += 1;
        return;
      }
      waiting.push(bytes);
      waitingBytes += bytes.length;
      // Others wait before it.
      if (timer === undefined && !drain()) later();
    },
    flush() {
      for (let attempt = 0; attempt < lastAttempts && !drain(); attempt++)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastPauseMs);
    },
  };
}

/** The same place, opened so that a write returns at once; undefined where that cannot be had, which is told. */
function notWaiting(fd: number, failed: (error: Error) => void): number | undefined {
  try {
    const kind = fstatSync(fd);
    // A file takes what it is given; a disk that hangs is not known from here.
    if (kind.isFile()) return fd;
    if (kind.isCharacterDevice() || (kind.isFIFO() && process.platform === 'linux')) return reopened(fd);
    // It makes the descriptor one that does not wait, and is kept for that.
    const socket = new Socket({ fd, readable: false, writable: true });
    socket.on('error', () => undefined);
    socket.unref();
    return fd;
  } catch (error) {
    failed(error instanceof Error ? error : new Error(String(error)));
    return undefined;
  }
}

/** A description of its own: the terminal's other users keep theirs. */
function reopened(fd: number): number {
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  const paths = process.platform === 'linux' ? [`/proc/self/fd/${fd}`, '/dev/tty'] : ['/dev/tty'];
  const errors: unknown[] = [];
  for (const path of paths) {
    try {
      const opened = openSync(path, flags);
      if (fstatSync(opened).rdev === fstatSync(fd).rdev || path !== '/dev/tty') return opened;
      closeSync(opened);
    } catch (error) {
      errors.push(error);
    }
  }
  throw errors[0] ?? new Error('it cannot be opened again');
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'EIO');
}
