// portald's log as a file: bounded by a turn to a second, older file, written behind the loop's back, and no reason to
// end. What cannot be written is lost to the file alone.
import { appendFileSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';

export interface LogFile {
  /** Takes a line with its end; never throws, never waits. */
  write(line: string): void;
  /** Writes at once what still waits, before the process ends. */
  flush(): void;
}

export interface LogFileOptions {
  readonly path: string;
  /** Where the file goes when it is full; replaces the one before. */
  readonly olderPath: string;
  readonly maximumBytes: number;
  /** Told once when writing begins to fail. */
  readonly failed: (error: Error) => void;
}

/** What may wait, should the disk be full or hang; what comes then is dropped. */
const maximumWaitingCharacters = 1024 * 1024;

/** Opens nothing before there is something to write. */
export function createLogFile({ path, olderPath, maximumBytes, failed }: LogFileOptions): LogFile {
  let waiting: string[] = [];
  let waitingCharacters = 0;
  /** Taken, and not with the system yet, which writes what it has also when the process ends. */
  let inHand = '';
  let file: FileHandle | undefined;
  let bytes = 0;
  let isWriting = false;
  let isFailing = false;
  // A line that was cut must not swallow the next one.
  let isCut = false;

  const take = (): string => {
    const text = `${isCut ? '\n' : ''}${waiting.join('')}`;
    waiting = [];
    waitingCharacters = 0;
    return text;
  };
  const openFile = async (): Promise<FileHandle> => {
    const opened = await open(path, 'a', 0o600);
    bytes = (await opened.stat()).size;
    return opened;
  };
  const turn = async (): Promise<void> => {
    await rename(path, olderPath).catch(() => undefined);
    await file?.close();
    file = undefined;
  };
  const writeAll = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const text = take();
      inHand = text;
      try {
        file ??= await openFile();
        if (bytes > 0 && bytes + text.length > maximumBytes) {
          await turn();
          file = await openFile();
        }
        inHand = '';
        await file.writeFile(text);
        bytes += Buffer.byteLength(text);
        [isFailing, isCut] = [false, false];
      } catch (error) {
        [isCut, inHand] = [true, ''];
        if (!isFailing) {
          isFailing = true;
          failed(error instanceof Error ? error : new Error(String(error)));
        }
      }
    }
    isWriting = false;
  };
  return {
    write(line) {
      if (waitingCharacters > maximumWaitingCharacters) return;
      waiting.push(line);
      waitingCharacters += line.length;
      if (!isWriting) void writeAll();
    },
    flush() {
      const text = inHand + take();
      if (text.trim() === '') return;
      try {
        appendFileSync(path, text, { mode: 0o600 });
      } catch {
        // The process ends; there is nobody left to be told.
      }
    },
  };
}
