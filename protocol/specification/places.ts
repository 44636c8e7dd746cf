// Where paths lie, on the instance and below folders. Pure; paths are compared by their names.

/** On the instance: from the login folder, unless it is absolute already; a slash at its end stays. */
export function absolutePath(path: string, user: string): string {
  const home = user === 'root' ? '/root' : `/home/${user}`;
  if (path.startsWith('/')) return path;
  return path === '~' ? `${home}/` : `${home}/${path.replace(/^~\//, '')}`;
}

/** The names of an absolute path, without `.` and `..`. */
export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

/** The parts of `path` below `folder`; none if it is the same, undefined if it is elsewhere. */
export function partsBelow(
  folder: readonly string[],
  path: readonly string[],
): readonly string[] | undefined {
  return folder.every((part, index) => part === path[index]) ? path.slice(folder.length) : undefined;
}

/** Whether an absolute path is one of these folders, or lies below one. */
export function isBelowOne(path: string, folders: readonly string[]): boolean {
  const parts = partsOf(path);
  return folders.some((folder) => partsBelow(partsOf(folder), parts) !== undefined);
}
