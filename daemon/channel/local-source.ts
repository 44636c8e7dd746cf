// What a local path is to rsync.
import { lstat, mkdir, opendir, stat } from 'node:fs/promises';
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';

export interface LocalPath {
  /** A path with a slash at its end that names a file, or leads through one, is `other`. */
  readonly kind: 'folder' | 'other' | 'missing';
  /** Number of the file on its file system; 0 if it is missing. */
  readonly inode: number;
  /** Number of the file system it lies on; 0 if it is missing. */
  readonly fileSystem: number;
  /** User that owns it; -1 if it is missing. */
  readonly owner: number;
  /** Permission bits; 0 if it is missing. */
  readonly mode: number;
}

/** Looks at `path`; like rsync, it follows a symbolic link only if the path ends with a slash. */
export async function lookAt(path: string): Promise<LocalPath> {
  try {
    const found = path.endsWith('/') ? await stat(path) : await lstat(path);
    return {
      kind: found.isDirectory() ? 'folder' : 'other',
      inode: found.ino,
      fileSystem: found.dev,
      owner: found.uid,
      mode: found.mode & 0o7777,
    };
  } catch (error) {
    const isFile = path.endsWith('/') && hasCode(error, ['ENOTDIR']);
    return { kind: isFile ? 'other' : 'missing', inode: 0, fileSystem: 0, owner: -1, mode: 0 };
  }
}

/** Throws PortalError `local-path` if `path` says by a slash at its end that it is a folder, and it is not. */
export function refuseFileAsFolder(path: string, { kind }: LocalPath): void {
  if (kind !== 'other' || !path.endsWith('/')) return;
  throw new PortalError('local-path', `${visibleText(path)} is no folder`, {
    hint: 'move the file away that has its name, or take the slash from the end of channels[].local_path',
  });
}

/** Makes a folder and those that it lies in, where they are not there. Throws PortalError `local-path`. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const why = hasCode(error, ['ENOTDIR', 'EEXIST']) ? 'a file is in its way' : reasonOf(error);
    throw new PortalError('local-path', `the folder ${visibleText(path)} cannot be made: ${why}`, {
      hint: 'check channels[].local_path',
      cause: error,
    });
  }
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function reasonOf(error: unknown): string {
  return visibleText(error instanceof Error ? error.message : String(error));
}

/**
 * False for what is no folder, or cannot be looked at. What mkfs makes in a new file system does not count; however many it
 * holds, two are read.
 */
export async function isEmptyFolder(path: string): Promise<boolean> {
  try {
    await using folder = await opendir(path);
    const first = await folder.read();
    const found = first?.name === 'lost+found' ? await folder.read() : first;
    return found === null;
  } catch {
    return false;
  }
}
