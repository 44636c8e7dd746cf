// What a local path is to rsync.
import { lstat, opendir, stat } from 'node:fs/promises';

export interface LocalPath {
  readonly kind: 'folder' | 'other' | 'missing';
  /** Number of the file on its file system; 0 if it is missing. */
  readonly inode: number;
  /** Number of the file system it lies on; 0 if it is missing. */
  readonly fileSystem: number;
  /** User that owns it; -1 if it is missing. */
  readonly owner: number;
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
    };
  } catch {
    return { kind: 'missing', inode: 0, fileSystem: 0, owner: -1 };
  }
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
