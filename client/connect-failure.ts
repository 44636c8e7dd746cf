// Why there is no connection to portald, and what to do about it.
import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { PortalError } from '../protocol/errors.ts';
import { startHint } from './start-hint.ts';

/** The error to show when connecting to the socket at `path` failed with `error`. */
export function explainConnectFailure(path: string, error: NodeJS.ErrnoException): PortalError {
  const noDaemon = (message: string, hint = startHint): PortalError =>
    new PortalError('no-daemon', message, { hint, cause: error });
  const notASocket = noDaemon(
    `${path} is not a socket`,
    'set PORTALD_SOCKET to the path that portald uses, or unset it',
  );
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return noDaemon(`portald is not running: there is no socket at ${path}`);
    case 'ECONNREFUSED':
      // What Linux says of a file that is no socket, too.
      return isSocket(path)
        ? noDaemon(`portald is not running: the socket ${path} exists, but nobody listens on it`)
        : notASocket;
    case 'ENOTSOCK':
      return notASocket;
    case 'EACCES':
    case 'EPERM':
      return noDaemon(
        `permission denied on the socket ${path}${owner(path)}`,
        'every user has a portald of their own: unset PORTALD_SOCKET, or run portalctl as that user',
      );
    default:
      return noDaemon(`cannot connect to portald at ${path}: ${error.message}`);
  }
}

/**
 * Throws PortalError `no-daemon` if the socket at `path` is another user's: what is told there is told to that user, and
 * what is answered is the user's. Root may speak to everybody.
 */
export function refuseForeignSocket(path: string): void {
  const own = process.getuid?.() ?? 0;
  if (own === 0) return;
  let uid: number;
  try {
    ({ uid } = statSync(path));
  } catch {
    return;
  }
  if (uid === own || uid === 0) return;
  throw new PortalError('no-daemon', `the socket ${path} belongs to user id ${uid} (you are ${own})`, {
    hint: 'every user has a portald of their own: unset PORTALD_SOCKET, or run portalctl as that user',
  });
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() !== false;
}

function owner(path: string): string {
  for (const candidate of [path, dirname(path)]) {
    try {
      const { uid } = lstatSync(candidate);
      const what = candidate === path ? 'which' : `whose folder ${candidate}`;
      return `, ${what} belongs to user id ${uid} (you are ${process.getuid?.() ?? 'unknown'})`;
    } catch {
      // Not even to be looked at: its folder may be.
    }
  }
  return '';
}
