// One daemon per state folder: a lock file that names its holder and outlives no holder.
import { execFile } from 'node:child_process';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PortalError } from '../../protocol/errors.ts';
import { isSameStart, processStart } from '../../protocol/process-start.ts';
import { writeDifficulty } from './atomic-file.ts';

export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock of `folder`; PortalError `daemon-running` names the process that has it. */
export async function takeLock(folder: string, pid: number): Promise<Lock> {
  const path = join(folder, 'lock');
  const own = join(folder, `lock.${pid}`);
  const text = `${pid} ${(await startOf(pid)) ?? ''}\n`;
  try {
    await rm(own, { force: true });
    await writeFile(own, text, { mode: 0o600, flag: 'wx' });
    for (let attempt = 0; attempt < 10; attempt++) {
      // A hard link appears at once with its content, and fails if the name is taken: no half-written lock is seen.
      const taken = await link(own, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false;
          throw error;
        },
      );
      if (taken) {
        return {
          release: async () => {
            if ((await readFile(path, 'utf8').catch(() => '')) === text) await rm(path, { force: true });
          },
        };
      }
      await removeStale(path, folder, pid);
    }
    throw new PortalError('daemon-running', `the lock ${path} keeps changing hands`);
  } catch (error) {
    throw writeDifficulty(path, error, 'then start portald again');
  } finally {
    await rm(own, { force: true }).catch(() => undefined);
  }
}

/** Throws if the holder lives; else moves the lock away, putting back one that was taken in between. */
async function removeStale(path: string, folder: string, pid: number): Promise<void> {
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found === undefined) return;
  const [holder = '', start = ''] = found.trim().split(' ');
  if (Number(holder) !== pid && (await lives(Number(holder), start))) {
    throw new PortalError(
      'daemon-running',
      `portald already runs on the state folder ${folder} (process ${holder})`,
      {
        hint: `use that one, or end it first: kill ${holder} (if that is no portald, remove ${path})`,
      },
    );
  }
  const aside = join(folder, `lock.stale.${pid}`);
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  if (moved !== undefined && moved !== found) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function lives(pid: number, start: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // One of another user, who could not have written the lock: the number was used again.
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
  }
  const now = await startOf(pid);
  if (now === 'ended') return false;
  // Process ids are used again: the same id with another start time is another process.
  return now === undefined || start === '' || isSameStart(now, start);
}

/**
 * Start time of a process in ticks since boot, with the boot's id where that may be read (not under systemd's
 * ProcSubset=pid); without /proc, the time that ps tells. `ended` for one that its parent has not noticed yet (some
 * containers have no init that does); undefined if nothing tells.
 */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const statistics = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    if (/\) [ZX] [^)]*$/.test(statistics)) return 'ended';
    return processStart(statistics, boot);
  } catch {
    return startByPs(pid);
  }
}

/** For want of /proc, on macOS. */
async function startByPs(pid: number): Promise<string | undefined> {
  const told = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  }).catch(() => undefined);
  return told?.stdout.trim().replaceAll(/\s+/g, '_') || undefined;
}
