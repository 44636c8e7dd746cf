// Reads portald's log: what is there, the older file first, and what is added, over the turn of the file.
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { olderLogPath } from '../protocol/paths.ts';

/** How soon what was added is seen. */
const lookEveryMs = 200;

/** Its file is open until it is disposed of. */
export interface LogReader extends AsyncDisposable {
  /** Every whole line, oldest first; undefined if there is no log. */
  readonly lines: readonly string[] | undefined;
  /** Tells every line that is added after those, until `signal` aborts. */
  follow(tell: (line: string) => void, signal: AbortSignal): Promise<void>;
}

/** Throws what the file system says, ENOENT excepted. */
export async function readLog(path: string): Promise<LogReader> {
  const older = await orUndefined(readFile(olderLogPath(path), 'utf8'));
  let file = await orUndefined(open(path, 'r'));
  let rest = '';
  let position = 0;
  const more = async (from: FileHandle): Promise<string[]> => {
    const pieces: Buffer[] = [];
    const buffer = Buffer.alloc(64 * 1024);
    for (;;) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      pieces.push(Buffer.from(buffer.subarray(0, bytesRead)));
    }
    // A character may be cut where the file ended a moment ago, but a line that is whole has none of those.
    const lines = (rest + Buffer.concat(pieces).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    return lines.map((line) => Buffer.from(line, 'latin1').toString()).filter((line) => line.trim() !== '');
  };
  const before = older?.split('\n').filter((line) => line.trim() !== '') ?? [];
  const now = file === undefined ? [] : await more(file);
  return {
    lines: older === undefined && file === undefined ? undefined : [...before, ...now],
    async follow(tell, signal) {
      while (!signal.aborted) {
        // The one under the name is looked for first: once it is another, nothing is added to the one at hand.
        const named = await orUndefined(stat(path));
        if (file !== undefined) (await more(file)).forEach(tell);
        const mine = await file?.stat();
        if (named !== undefined && (named.ino !== mine?.ino || named.size < position)) {
          await file?.close();
          file = await orUndefined(open(path, 'r'));
          [rest, position] = ['', 0];
        } else await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
      }
    },
    [Symbol.asyncDispose]: async () => file?.close(),
  };
}

async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
