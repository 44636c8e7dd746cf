// The listening Unix socket: private from birth, one daemon at a time, removed only if it is still ours.
import { lstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import { checkSocketPath } from '../../protocol/paths.ts';
import { ensurePrivateFolder } from '../private-folder.ts';
import { writeDifficulty } from '../store/atomic-file.ts';

/**
 * Makes `server` listen at `path` and resolves to a function that removes the socket file, to be called once the
 * server is closed. Throws PortalError `socket-path`, `state-folder` or `daemon-running`.
 */
export async function listenAt(server: Server, path: string): Promise<() => void> {
  checkSocketPath(path, process.platform);
  const folder = dirname(path);
  await ensurePrivateFolder(folder, 'PORTALD_SOCKET');
  await refuseLiveSocket(path);

  // Bound under another name and renamed: that replaces a dead daemon's socket in one step, and keeps Node from
  // removing, at the end, whatever stands at `path` by then.
  const temporary = join(folder, `.${process.pid}`);
  checkSocketPath(temporary, process.platform);
  rmSync(temporary, { force: true });
  const umask = process.umask(0o177);
  const listening = startListening(server, { path: temporary });
  process.umask(umask);
  await listening;
  const { ino, dev } = statSync(temporary);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeDifficulty(path, error, startAgain);
  }
  return () => {
    const now = lstatSync(path, { throwIfNoEntry: false });
    if (now?.ino === ino && now.dev === dev) rmSync(path, { force: true });
  };
}

/** Makes `server` listen on a socket that is open already; its file belongs to whoever passed it and stays. */
export async function listenOn(server: Server, descriptor: number): Promise<() => void> {
  await startListening(server, { fd: descriptor });
  return keepFile;
}

function keepFile(): void {}

/** What is over by itself, or by somebody's help, with the same environment. */
const passing: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
]);
const startAgain = 'then start portald again';

function startListening(server: Server, where: { path: string } | { fd: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const place = 'path' in where ? where.path : `the passed descriptor ${where.fd}`;
      const told = `cannot listen on ${place}: ${error.message}`;
      const refusal = passing.has(error.code ?? '')
        ? new PortalError('state-folder', told, { hint: `that may pass; ${startAgain}`, cause: error })
        : new PortalError('socket-path', told, {
            hint: 'set PORTALD_SOCKET to a path in a folder of your own',
            cause: error,
          });
      reject(refusal);
    };
    server.once('error', failed);
    server.listen(where, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** Throws unless nothing, or only the socket of a dead daemon, stands at `path`. */
async function refuseLiveSocket(path: string): Promise<void> {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return;
  if (!entry.isSocket()) {
    throw new PortalError('socket-path', `${path} exists and is not a socket`, {
      hint: 'remove it, or set PORTALD_SOCKET to another path',
    });
  }
  const code = await connectionError(path);
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return;
  throw new PortalError('daemon-running', `another portald listens on ${path}`, {
    hint: 'use that one (portalctl status), or stop it first',
  });
}

/** The error code of a try to connect; undefined if somebody accepts. */
function connectionError(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
