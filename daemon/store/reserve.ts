// Room on the disk that is kept for its worst hour: when it is full, a portal's record can be written all the same, and an
// interruption notice that comes just then is acted upon.
import { randomBytes } from 'node:crypto';
import { rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';

export interface Reserve {
  /** Runs `write`; on a full disk once more, with the reserve given up. It is kept again as soon as there is room. */
  spending(write: () => Promise<void>): Promise<void>;
}

/** Enough for some records and their new texts beside them. */
const reserveBytes = 256 * 1024;

/** Of the state folder. */
export function reservePath(stateFolder: string): string {
  return join(stateFolder, 'reserve');
}

/** Runs `write`, before any reserve is kept; on a full disk once more, without what an earlier portald has kept. */
export async function spendingEarlier<T>(stateFolder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isFull(error)) throw error;
    await rm(reservePath(stateFolder), { force: true });
    return write();
  }
}

/** Keeps the reserve in the file `path`, if there is room for it. */
export async function keepReserve(path: string): Promise<Reserve> {
  let isHeld = false;
  const hold = async (): Promise<void> => {
    isHeld = (await stat(path).catch(() => undefined))?.size === reserveBytes;
    if (isHeld) return;
    try {
      await rm(path, { force: true });
      // What only just fitted would take from the records that are being written the room that there is.
      const { bavail, bsize } = await statfs(dirname(path));
      if (bavail * bsize < 2 * reserveBytes) return;
      // Not of zeros: some file systems take no room for those.
      await writeFile(path, randomBytes(reserveBytes), { mode: 0o600 });
      isHeld = true;
    } catch {
      await rm(path, { force: true }).catch(() => undefined);
    }
  };
  await hold();
  const freed = async (): Promise<void> => {
    isHeld = false;
    await rm(path, { force: true });
  };
  let freeing: Promise<void> = Promise.resolve();
  return {
    async spending(write) {
      try {
        await write();
      } catch (error) {
        if (!isFull(error)) throw error;
        // Several meet a full disk at once: each tries again once the room is there.
        if (isHeld) freeing = freed();
        await freeing;
        await write();
        return;
      }
      if (!isHeld) await hold();
    },
  };
}

function isFull(error: unknown): boolean {
  const cause = error instanceof PortalError ? error.cause : error;
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}
