// Finds folders of a source that are not watched. The kernel drops events when its queue is full, and Node does not report
// that; a folder that a file system was mounted on has other files than the one that is watched; a reader of folders may
// have stopped at a name. So what is watched is taken from the kernel itself, not from what we believe.
import type { Dirent } from 'node:fs';
import { lstat, opendir, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface WatchedTree {
  /** Without links on its way. */
  readonly top: string;
  readonly isRecursive: boolean;
  /** Of a folder below it, by its path relative to `top`. */
  readonly isExcluded: (folder: string) => boolean;
}

export interface UnwatchedFolder {
  readonly path: string;
  /** Number of its file. */
  readonly inode: bigint;
}

/**
 * The folders of `tree` that this process does not watch. Undefined if that cannot be known:
 * there is no /proc (macOS), or the file system has other numbers in it than it tells of its files.
 */
export async function unwatchedFolders(tree: WatchedTree): Promise<UnwatchedFolder[] | undefined> {
  const watched = await watchedInodes();
  const top = await inodeOf(tree.top);
  if (top === undefined || watched?.has(top) !== true) return undefined;
  const unwatched: UnwatchedFolder[] = [];
  const left = [tree.top];
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    const inode = folder === tree.top ? top : await inodeOf(folder);
    if (inode === undefined) continue;
    if (!watched.has(inode)) unwatched.push({ path: folder, inode });
    if (tree.isRecursive) left.push(...(await foldersIn(folder, tree)));
  }
  return unwatched;
}

/** Those of `folders` that are still there, and still not watched. */
export async function stillUnwatched(folders: readonly UnwatchedFolder[]): Promise<UnwatchedFolder[]> {
  const watched = await watchedInodes();
  const still: UnwatchedFolder[] = [];
  for (const { path } of folders) {
    const inode = await inodeOf(path);
    if (inode !== undefined && watched?.has(inode) !== true) still.push({ path, inode });
  }
  return still;
}

/** Undefined for what is no folder. */
export async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    const found = await lstat(path, { bigint: true });
    return found.isDirectory() ? found.ino : undefined;
  } catch {
    return undefined;
  }
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

/** Of all that this process watches (proc_pid_fdinfo(5): `inotify wd:1 ino:984069 sdev:…`, in hexadecimal). */
async function watchedInodes(): Promise<ReadonlySet<bigint> | undefined> {
  const inodes = new Set<bigint>();
  try {
    for (const descriptor of await readdir('/proc/self/fd')) {
      const link = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '');
      if (link !== 'anon_inode:inotify') continue;
      const text = await readFile(`/proc/self/fdinfo/${descriptor}`, 'latin1');
      for (const [, inode = '0'] of text.matchAll(/^inotify .*?\bino:([0-9a-f]+)/gm)) {
        inodes.add(BigInt(`0x${inode}`));
      }
    }
  } catch {
    return undefined;
  }
  return inodes;
}
