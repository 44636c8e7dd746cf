// portald's log as a file: bounded by a turn to a second, older file, and no reason to end. Written at once, so that a
// process that ends has written all: a line takes some microseconds. What cannot be written is lost to the file alone.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export interface LogFile {
  /** Takes a line with its end; never throws. */
  write(line: string): void;
}

export interface LogFileOptions {
  readonly path: string;
  /** Where the file goes when it is full; replaces the one before. */
  readonly olderPath: string;
  readonly maximumBytes: number;
  /** Told once when writing begins to fail. */
  readonly failed: (error: Error) => void;
}

/** Opens nothing before there is something to write. */
export function createLogFile({ path, olderPath, maximumBytes, failed }: LogFileOptions): LogFile {
  let descriptor: number | undefined;
  let bytes = 0;
  let isFailing = false;
  // A line that was cut must not swallow the next one.
  let isCut = false;

  const opened = (): number => {
    if (descriptor !== undefined) return descriptor;
    descriptor = openSync(path, 'a', 0o600);
    bytes = fstatSync(descriptor).size;
    return descriptor;
  };
  const turn = (): void => {
    closeSync(opened());
    descriptor = undefined;
    renameSync(path, olderPath);
  };
  return {
    write(line) {
      try {
        const text = Buffer.from(isCut ? `\n${line}` : line);
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
  };
}
