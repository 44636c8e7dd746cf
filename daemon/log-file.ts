// portald's log as a file: bounded by a turn to a second, older file, and no reason to end. Written at once, so that a
// process that ends has written all: a line takes some microseconds. What cannot be written is lost to the file alone.
import { closeSync, constants, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

export interface LogFile {
  /** Takes a line with its end; never throws. */
  write(line: string): void;
  /** Opens the file anew with the next line. */
  reopen(): void;
}

export interface LogFileOptions {
  readonly path: string;
  /** Where the file goes when it is full; replaces the one before. */
  readonly olderPath: string;
  readonly maximumBytes: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Told once when writing begins to fail. */
  readonly failed: (error: Error) => void;
}

/** How often it is looked whether the file is still in its place, milliseconds. */
const lookEveryMs = 1000;

/** Opens nothing before there is something to write. */
export function createLogFile({ path, olderPath, maximumBytes, now, failed }: LogFileOptions): LogFile {
  let descriptor: number | undefined;
  let bytes = 0;
  let isFailing = false;
  let lookedAt = Number.NEGATIVE_INFINITY;
  // A line that was cut must not swallow the next one.
  let isCut = false;

  const opened = (): number => {
    if (descriptor !== undefined) return descriptor;
    // A named pipe in its place must not make portald wait for a reader.
    const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
    descriptor = openSync(path, O_APPEND | O_CREAT | O_NONBLOCK | O_WRONLY, 0o600);
    bytes = fstatSync(descriptor).size;
    return descriptor;
  };
  const close = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  /** Whether the path leads to another file by now, or to none: what is written to this one, nobody would find. */
  const isMoved = (): boolean => {
    if (descriptor === undefined || now() - lookedAt < lookEveryMs) return false;
    lookedAt = now();
    const [there, here] = [statSync(path, { throwIfNoEntry: false }), fstatSync(descriptor)];
    return there === undefined || there.ino !== here.ino || there.dev !== here.dev;
  };
  const turn = (): void => {
    close();
    renameSync(path, olderPath);
  };
  return {
    write(line) {
      try {
        const text = Buffer.from(isCut ? `\n${line}` : line);
        if (isMoved()) close();
        opened();
        if (bytes > 0 && bytes + text.length > maximumBytes) turn();
        for (let done = 0; done < text.length; ) {
          const count = writeSync(opened(), text, done);
          done += count;
          bytes += count;
          isCut = done < text.length;
        }
        isFailing = false;
      } catch (error) {
        if (isFailing) return;
        isFailing = true;
        failed(error instanceof Error ? error : new Error(String(error)));
      }
    },
    reopen() {
      try {
        close();
      } catch {
        // What was left to be written of it is lost with its disk.
      }
    },
  };
}
