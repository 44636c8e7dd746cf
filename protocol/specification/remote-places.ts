// Where a path on the instance lies. Pure.

/** From the login folder, unless it is absolute already. */
export function absolutePath(path: string, user: string): string {
  const home = user === 'root' ? '/root' : `/home/${user}`;
  return path.startsWith('/') ? path : `${home}/${path.replace(/^~\/?/, '')}`;
}

/** Whether an absolute path is one of these folders, or lies below one. */
export function isBelowOne(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => `${path}/`.startsWith(`${folder.replace(/\/+$/, '')}/`));
}
