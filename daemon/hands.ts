// In whose hands a file or folder is, by its owner and mode.

export interface Held {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Whether others than `user` and root can change it. A group of the user's own number is the user's alone, by the custom
 * of every Linux distribution.
 */
export function othersCanWrite({ uid, gid, mode }: Held, user: number): boolean {
  const groupCan = (mode & 0o020) !== 0 && gid !== user && gid !== 0;
  return (uid !== user && uid !== 0) || groupCan || (mode & 0o002) !== 0;
}

/** Owner and mode in words. */
export function heldBy({ uid, mode }: Held): string {
  return `belongs to user ${uid} and has mode ${(mode & 0o7777).toString(8).padStart(4, '0')}`;
}
