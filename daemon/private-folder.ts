// Folders that nobody else may write to: for the records, and for the socket.
import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PortalError } from '../protocol/errors.ts';
import { heldBy } from './hands.ts';
import { unsafePlace } from './private-path.ts';
import { flushFolder } from './store/atomic-file.ts';

/**
 * Makes `folder` (mode 0700, parents too) or refuses one that is not ours, that others can write to, or that others can
 * replace. `variable` is the one that sets it, for the hint. Throws PortalError `state-folder`.
 */
export async function ensurePrivateFolder(folder: string, variable: string): Promise<void> {
  const hint = `set ${variable} to a path in a folder of your own`;
  const own = process.getuid?.();
  const refuseUnsafePlace = async (): Promise<void> => {
    const unsafe = own === undefined ? undefined : await unsafePlace(folder, own);
    if (unsafe !== undefined)
      throw new PortalError('state-folder', `the folder ${folder}: ${unsafe}`, { hint });
  };
  // Before anything is made: folders of root's in a user's home would keep that user's own portald from starting.
  await refuseUnsafePlace();
  try {
    await makeFolders(folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PortalError('state-folder', `cannot make the folder ${folder}: ${reason}`, {
      hint,
      cause: error,
    });
  }
  const held = await stat(folder);
  if (own === undefined) return;
  if (held.uid !== own || (held.mode & 0o022) !== 0) {
    const why = held.uid === own ? 'others can write to it' : 'it is not yours';
    throw new PortalError('state-folder', `the folder ${folder} ${heldBy(held)}: ${why}`, {
      hint:
        held.uid === own
          ? `look what others may have put into it, then: chmod 700 ${folder}; or ${hint}`
          : hint,
    });
  }
  await refuseUnsafePlace();
}

/** Refuses a folder that holds what another user, but root, has put there. Throws PortalError `state-folder`. */
export async function refuseForeignContent(folder: string): Promise<void> {
  const own = process.getuid?.();
  if (own === undefined) return;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // One who runs already may have taken something away meanwhile.
    const held = await lstat(path).catch(() => undefined);
    if (held === undefined || held.uid === own || held.uid === 0) continue;
    throw new PortalError(
      'state-folder',
      `${path} belongs to user ${held.uid}, who could write to that folder`,
      {
        hint: 'look what it is, and remove it',
      },
    );
  }
}

/** Like mkdir's `recursive`, which never ends on file systems that refuse new folders, such as /proc. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
    // It outlasts a power cut, or what is flushed in it does not either. A parent that may not be read cannot be flushed.
    await flushFolder(dirname(folder)).catch(() => undefined);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const parent = dirname(folder);
    const parentIsThere = await stat(parent).then(
      () => true,
      () => false,
    );
    if (code !== 'ENOENT' || parentIsThere) throw error;
    await makeFolders(parent);
    await makeFolders(folder);
  }
}
