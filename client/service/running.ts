// The portald that answers on a socket, if one does: asked, waited for, ended.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalError } from '../../protocol/errors.ts';
import type { MethodResults } from '../../protocol/methods.ts';
import { type Environment, socketPath } from '../../protocol/paths.ts';
import { withDaemon } from '../daemon.ts';
import { lives, lockHolder } from '../lock-holder.ts';

export type DaemonStatus = MethodResults['daemon.status'];

/** What is found on the socket: nobody, portald, or something that does not answer as this portalctl expects. */
export type Found = { status?: DaemonStatus; trouble?: PortalError };

export async function findRunning(environment: Environment): Promise<Found> {
  try {
    return {
      status: await withDaemon({ environment }, (connection) => connection.call('daemon.status', {})),
    };
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
    return ['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(code ?? '') ? {} : { trouble: error };
  }
}

/** Resolves to what portald says once it answers, to undefined once `hasFailed` says so. Throws PortalError `service` when that takes too long. */
export async function untilAnswers(
  environment: Environment,
  hasFailed: () => boolean = () => false,
): Promise<DaemonStatus | undefined> {
  const limit = performance.now() + startTimeoutMs;
  for (;;) {
    const failed = hasFailed();
    const { status, trouble } = await findRunning(environment);
    if (status !== undefined) return status;
    if (failed) return undefined;
    if (performance.now() > limit)
      throw trouble ?? new PortalError('service', `portald does not answer on ${socketPath(environment)}`);
    await sleep(50);
  }
}

/** Which process to end: the one that answers, else the one that holds the lock of the state folder. */
export function processOf({ status }: Found, environment: Environment): number | undefined {
  return status === undefined ? lockHolder(environment) : status.pid;
}

/** It holds the lock of the state folder before it listens. */
const startingMs = 3000;

/** What the portald says that somebody else has only just started, or is ending; undefined if there is none such. */
export function justStarting(environment: Environment): Promise<DaemonStatus | undefined> {
  const pid = processOf({}, environment);
  if (pid === undefined) return Promise.resolve(undefined);
  const limit = performance.now() + startingMs;
  return untilAnswers(environment, () => performance.now() > limit || processOf({}, environment) !== pid);
}

/**
 * Sends SIGTERM to a process of the user `uid` and waits until it has ended. The id is what a socket or a lock of that user
 * says: for root it could name any process, and a negative one a group of them. Throws PortalError `service`.
 */
export async function end(pid: number, uid: number): Promise<void> {
  if (!Number.isSafeInteger(pid) || pid <= 1) throw notThatUsers(pid);
  const owner = ownerOf(pid);
  if (owner !== undefined && owner !== uid) throw notThatUsers(pid);
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    throw new PortalError('service', `portald (process ${pid}) cannot be ended: it is another user's`, {
      hint: 'end it as that user, or as root',
    });
  }
  const limit = performance.now() + endTimeoutMs;
  while (lives(pid)) {
    if (performance.now() > limit)
      throw new PortalError('service', `portald (process ${pid}) does not end`, {
        hint: `kill -9 ${pid}; it goes on where it was when it is started again`,
      });
    await sleep(50);
  }
}

function notThatUsers(pid: number): PortalError {
  return new PortalError('service', `process ${pid} is named as portald, and is no process of that user`, {
    hint: 'look for who put that id into its lock or socket, and end portald by its own: ps -eo pid,user,args | grep portald',
  });
}

/** User id; undefined if there is no such process. */
function ownerOf(pid: number): number | undefined {
  if (process.platform === 'linux') return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
  const { status, stdout } = spawnSync('ps', ['-o', 'uid=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

/** A loaded machine takes its time. */
const startTimeoutMs = 60_000;
/** Longer than portald gives what it ends. */
const endTimeoutMs = 60_000;
