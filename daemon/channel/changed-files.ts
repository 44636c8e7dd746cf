// From what the watch told to what a batch may name: files as they are now. What rsync is to compare by itself is told by
// its names, too; what no name can tell is left to a pass over everything.
import { lstat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

/** A path that was seen to change; `child` is a name in it, if it is a folder. Relative to the source, '' is the source. */
export interface Change {
  readonly path: string;
  readonly child?: string;
}

export interface ChangedFiles {
  /** Regular files and symbolic links, relative to the source. */
  readonly names: readonly string[];
  /** Their sizes together. */
  readonly bytes: number;
  /** Folders with what is in them, and large files: rsync is to compare these. */
  readonly compared: readonly string[];
  /** Names are not enough: deletions, names that are not UTF-8, or through links, and the source itself. */
  readonly isPassNeeded: boolean;
}

/** Above it rsync's own comparison of what is there already costs less than sending all of it. */
export const largestBytes = 4 * 1024 * 1024;

export async function changedFiles(
  root: string,
  changes: Iterable<Change>,
  options: { isExcluded: (name: string, kind: 'file' | 'folder') => boolean; deletes: boolean },
): Promise<ChangedFiles> {
  const names = new Set<string>();
  const compared = new Set<string>();
  const folders = new Map<string, Promise<boolean>>([['.', Promise.resolve(true)]]);
  let isPassNeeded = false;
  let bytes = 0;
  for (const { path, child } of changes) {
    const told = await lookAtFile(root, path);
    const name = told === 'folder' && child !== undefined ? join(path, child) : path;
    const found = name === path ? told : await lookAtFile(root, name);
    // The watch decodes names as UTF-8: one that is not cannot be named by us.
    const isFolder = found === 'folder';
    if (name.includes('\uFFFD') || name === '') isPassNeeded = true;
    // With `delete`, what is excluded may have come in the place of something that was not.
    else if (options.isExcluded(name, isFolder ? 'folder' : 'file'))
      isPassNeeded ||= isFolder && options.deletes;
    else if (found === 'other') continue;
    // Of the source itself the system tells as of something in it that has its name.
    else if (found === 'missing') isPassNeeded ||= options.deletes || name === basename(resolve(root));
    else if (!(await isInFolders(root, name, folders))) isPassNeeded = true;
    // What is saved beside it does not wait for that.
    else if (isFolder || found > largestBytes) compared.add(name);
    else if (!names.has(name)) {
      bytes += found;
      names.add(name);
    }
  }
  if (bytes <= largestBytes) return { names: [...names], bytes, compared: [...compared], isPassNeeded };
  return { names: [], bytes: 0, compared: [...compared, ...names], isPassNeeded };
}

/** The size of a file or link that can be sent, or what else is there. */
async function lookAtFile(root: string, name: string): Promise<number | 'folder' | 'other' | 'missing'> {
  try {
    const found = await lstat(join(root, name));
    if (found.isDirectory()) return 'folder';
    return found.isFile() || found.isSymbolicLink() ? found.size : 'other';
  } catch {
    return 'missing';
  }
}

/** A name through a link would make rsync replace the link on the other side by a folder. */
async function isInFolders(
  root: string,
  name: string,
  known: Map<string, Promise<boolean>>,
): Promise<boolean> {
  const at = name.lastIndexOf('/');
  if (at < 0) return true;
  const folder = name.slice(0, at);
  let answer = known.get(folder);
  if (answer === undefined) {
    answer = lookAtFile(root, folder).then((found) => found === 'folder' && isInFolders(root, folder, known));
    known.set(folder, answer);
  }
  return answer;
}
