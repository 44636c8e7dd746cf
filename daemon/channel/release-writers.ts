// An rsync that is to write a batch waits for who reads its named pipe. If portald was killed before it had opened the pipe,
// nobody ever will, and it would wait for ever, its standard input ended or not.
import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Of each pair a folder in that of the channels, in which these are. */
export const pairPrefix = 'pair-';
export const batchName = 'batch';

/**
 * Lets what waits so in a killed predecessor's folder go on: it finds its input at an end, and nobody who reads. `remove`
 * takes the pipes away: they are open until then, so that one that comes to its pipe only now does not wait, either.
 */
export function releaseWriters(folder: string, remove: () => void): void {
  const pairs = entries(folder).filter((name) => name.startsWith(pairPrefix));
  const pipes = pairs.flatMap((pair) => {
    try {
      return [openSync(join(folder, pair, batchName), constants.O_RDONLY | constants.O_NONBLOCK)];
    } catch {
      return []; // it was not made yet
    }
  });
  try {
    remove();
  } finally {
    for (const pipe of pipes) closeSync(pipe);
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
