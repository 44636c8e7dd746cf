// The portald of this state folder, by the lock that it holds there: known also while it does not answer on our socket.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, stateFolder } from '../protocol/paths.ts';
import { isSameStart, processStart } from '../protocol/process-start.ts';
import { readRegularFileNow } from '../protocol/regular-file.ts';

/** Its process id; undefined if none holds the lock. */
export function lockHolder(environment: Environment): number | undefined {
  try {
    const lock = readRegularFileNow(join(stateFolder(environment), 'lock'), 4096)
      .toString()
      .trim();
    const [pid, start = ''] = [Number(lock.split(' ')[0]), lock.split(' ')[1]];
    return Number.isSafeInteger(pid) && pid > 1 && lives(pid) && isOf(pid, start) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Of a process that holds the lock of the state folder and does not answer on our socket. */
export function onAnotherSocket(
  pid: number,
  socket: string,
): { readonly message: string; readonly hint: string } {
  return {
    message:
      `process ${pid} is the portald of this state folder, and listens elsewhere than on ${socket}, or not yet: ` +
      'PORTALD_SOCKET or XDG_RUNTIME_DIR was another when it was started, or its socket was removed',
    hint: 'portalctl daemon restart brings it here',
  };
}

/** Whether the process began when the lock says: process ids are used again. Where nothing tells, it is taken for it. */
function isOf(pid: number, start: string): boolean {
  if (start === '' || process.platform !== 'linux') return true;
  return isSameStart(start, processStart(readFileSync(`/proc/${pid}/stat`, 'utf8'), bootId()));
}

/** Not everybody may read it. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    return '';
  }
}

/** One that has ended stays in the list of processes where no init takes it out, as in some containers. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    const statistics = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^ [ZX] /.test(statistics.slice(statistics.lastIndexOf(')') + 1));
  } catch {
    return process.platform !== 'linux';
  }
}
