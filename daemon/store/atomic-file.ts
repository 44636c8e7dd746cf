// Files that are either the old text or the new one, whatever happens in between, a power cut included.
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';

/** Prefix of the temporary files, so that left-over ones can be told. */
export const temporaryPrefix = '.writing-';

/** Replaces `path` by `text` (mode 0600): written beside, flushed, renamed, and the folder flushed. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `${temporaryPrefix}${basename(path)}-${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await flushFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeDifficulty(path, error);
  }
}

/** What a person can do something about, in words, and what comes `then`; else the error itself. */
export function writeDifficulty(
  path: string,
  error: unknown,
  then = 'portald tries again by itself',
): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = reasons[code];
  if (why === undefined) return error;
  return new PortalError('state-folder', `${path} cannot be written: ${why[0]}`, {
    hint: `${why[1]}; ${then}`,
    cause: error,
  });
}

const reasons: Readonly<Record<string, readonly [what: string, todo: string]>> = {
  ENOSPC: ['the disk is full', 'make room on it'],
  EDQUOT: ['the quota of the disk is used up', 'make room within it'],
  EROFS: ['the file system is read-only', 'find out why, and mount it writable'],
  EACCES: ['permission denied', 'give the folder back to its user'],
  EIO: ['the disk fails', "look at the kernel's messages"],
};

/** Makes renames and removals in a folder last. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
