// Finds folders of a source that are not watched. The kernel drops events when its queue is full, and Node does not report
// that; a folder that a file system was mounted on has other files than the one that is watched; a reader of folders may
// have stopped at a name. So what is watched is taken from the kernel itself, not from what we believe.
import type { Dirent } from 'node:fs';
import { lstat, opendir, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { devicesNow } from './mount-points.ts';

export interface WatchedTree {
  /** Without links on its way. */
  readonly top: string;
  readonly isRecursive: boolean;
  /** Of a folder below it, by its path relative to `top`. */
  readonly isExcluded: (folder: string) => boolean;
}

export interface UnwatchedFolder {
  readonly path: string;
  /** File system and number of its file: the roots of two file systems often have the same number. */
  readonly identity: string;
}

/**
 * The folders of `tree` that this process does not watch. Undefined if that cannot be known:
 * there is no /proc (macOS), or the file system has other numbers in it than it tells of its files.
 */
export async function unwatchedFolders(tree: WatchedTree): Promise<UnwatchedFolder[] | undefined> {
  const watched = await watchedFolders();
  const identify = await identification();
  const top = await identify(tree.top);
  if (top === undefined || watched?.has(top) !== true) return undefined;
  const unwatched: UnwatchedFolder[] = [];
  const left = [tree.top];
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    const identity = folder === tree.top ? top : await identify(folder);
    if (identity === undefined) continue;
    if (!watched.has(identity)) unwatched.push({ path: folder, identity });
    if (tree.isRecursive) left.push(...(await foldersIn(folder, tree)));
  }
  return unwatched;
}

/** Those of `folders` that are still there, and still not watched. */
export async function stillUnwatched(folders: readonly UnwatchedFolder[]): Promise<UnwatchedFolder[]> {
  const watched = await watchedFolders();
  const identify = await identification();
  const still: UnwatchedFolder[] = [];
  for (const { path } of folders) {
    const identity = await identify(path);
    if (identity !== undefined && watched?.has(identity) !== true) still.push({ path, identity });
  }
  return still;
}

/** Resolves to what identifies a folder, as mounted now; that resolves to undefined for what is no folder. */
export async function identification(): Promise<(path: string) => Promise<string | undefined>> {
  const deviceOf = await devicesNow();
  return async (path) => {
    try {
      const found = await lstat(path, { bigint: true });
      return found.isDirectory() ? `${deviceOf?.(path) ?? ''} ${found.ino.toString(16)}` : undefined;
    } catch {
      return undefined;
    }
  };
}

/** A folder that we may not read is told of by those who have to. */
async function foldersIn(folder: string, { top, isExcluded }: WatchedTree): Promise<string[]> {
  const found: string[] = [];
  try {
    // In pieces: a folder with a million files holds up nobody.
    for await (const entry of (await opendir(folder, { bufferSize: 256 })) as AsyncIterable<Dirent>) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !isExcluded(relative(top, path))) found.push(path);
    }
  } catch {
    return [];
  }
  return found;
}

/** The identities of all that this process watches (proc_pid_fdinfo(5): `inotify wd:1 ino:984069 sdev:…`, in hexadecimal). */
async function watchedFolders(): Promise<ReadonlySet<string> | undefined> {
  const identities = new Set<string>();
  try {
    for (const descriptor of await readdir('/proc/self/fd')) {
      const link = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '');
      if (link !== 'anon_inode:inotify') continue;
      const text = await readFile(`/proc/self/fdinfo/${descriptor}`, 'latin1');
      for (const [, inode, device] of text.matchAll(/^inotify .*?\bino:([0-9a-f]+) sdev:([0-9a-f]+)/gm)) {
        identities.add(`${device} ${inode}`);
      }
    }
  } catch {
    return undefined;
  }
  return identities;
}
