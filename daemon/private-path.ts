// The way to a folder: who can write to a folder on it, or owns a symbolic link on it, can put another one in its place.
import { execFile } from 'node:child_process';
import { lstat, readlink } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { heldBy, othersCanWrite } from './hands.ts';

/** The system's own limit. */
const mostLinks = 40;
const sticky = 0o1000;
const groupWrites = 0o020;

/**
 * What is wrong with the way to `folder`, as a sentence that names the place; undefined if nothing is. What is not there yet is
 * no danger: whoever makes it owns it.
 */
export async function unsafePlace(folder: string, user: number): Promise<string | undefined> {
  return follow(resolve(folder), user, mostLinks);
}

async function follow(path: string, user: number, linksLeft: number): Promise<string | undefined> {
  if (linksLeft === 0) return `${path} has too many symbolic links`;
  const parts = path.split(sep).filter((part) => part !== '');
  let place = '/';
  for (const [index, part] of ['', ...parts].entries()) {
    place = resolve(place, part);
    const held = await lstat(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (held === undefined) return undefined;
    if (held.isSymbolicLink()) {
      if (held.uid !== user && held.uid !== 0)
        return `the symbolic link ${place} belongs to user ${held.uid}, who can change it`;
      const rest = parts.slice(index);
      const target = resolve(dirname(place), await readlink(place), ...rest);
      return follow(target, user, linksLeft - 1);
    }
    // The folder itself is looked at by itself.
    if (index === parts.length) return undefined;
    // In a sticky folder, such as /tmp, everybody can move only what is their own.
    const isShared = (held.mode & sticky) !== 0 && (held.uid === user || held.uid === 0);
    if (isShared) continue;
    if (othersCanWrite(held, user))
      return `${place}, on the way to it, ${heldBy(held)}: others can put something else in its place`;
    if ((held.mode & groupWrites) !== 0 && (await hasAccessList(place)))
      return `${place}, on the way to it, has an access control list by which others may write to it (getfacl ${place})`;
  }
  return undefined;
}

/**
 * Whether a folder has an access control list (acl(5)). The group bits of its mode are then the most that the list gives to any
 * user or group in it. `ls` shows a list by a plus sign, also on macOS; Node does not show it.
 */
async function hasAccessList(path: string): Promise<boolean> {
  const { promise, resolve: tell } = Promise.withResolvers<boolean>();
  execFile('ls', ['-ld', '--', path], { env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) =>
    tell(error === null && /^\S{10}\+/.test(stdout)),
  );
  return promise;
}
