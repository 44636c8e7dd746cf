// An rsync that is to write a batch waits for who reads its named pipe. If portald was killed before it had opened the pipe,
// nobody ever will, and it would wait for ever, its standard input ended or not.
import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Of each pair a folder in that of the channels, in which these are. */
export const pairPrefix = 'pair-';
export const batchName = 'batch';

/** Lets what waits so in a killed predecessor's folder go on: it finds its input at an end, and nobody who reads. */
export function releaseWriters(folder: string): void {
  for (const pair of entries(folder)) {
    if (!pair.startsWith(pairPrefix)) continue;
    try {
      closeSync(openSync(join(folder, pair, batchName), constants.O_RDONLY | constants.O_NONBLOCK));
    } catch {
      // It was not made yet.
    }
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
