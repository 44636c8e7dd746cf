// Tells when a transfer has stopped: its rsync here, with its forks, has neither read nor written a byte nor computed
// anything for long. rsync's own --timeout is no help: with it, an rsync whose fork hangs, or whose other end does, goes on
// to say that it is there, and takes it for life that this is taken from it (io.c, check_timeout). Where there is no /proc,
// nobody tells.
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface SilenceWatch {
  /** Aborts once what is watched has done nothing for so long. */
  readonly signal: AbortSignal;
  /** Watches the rsync of this process id from now on, in place of what was. */
  watch(pid: number): void;
  end(): void;
}

/** So often it is looked within that time. */
const looks = 5;

/** To be ended. */
export function watchSilence(silenceMs: number): SilenceWatch {
  const silent = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => clearInterval(timer);
  return {
    signal: silent.signal,
    watch(pid) {
      end();
      let before: number | undefined;
      let equal = 0;
      timer = setInterval(() => {
        const done = doneBy(pid);
        equal = done === before && done !== undefined ? equal + 1 : 0;
        before = done;
        if (equal >= looks) silent.abort();
      }, silenceMs / looks);
    },
    end,
  };
}

/** Grows with whatever an rsync and its forks do; undefined if that cannot be told. An ssh always hears something: it does not count. */
function doneBy(pid: number): number | undefined {
  try {
    const read = (path: string): string => readFileSync(`/proc/${path}`, 'utf8');
    const isRsync = (id: string): boolean => basename(readlinkSync(`/proc/${id}/exe`)) === 'rsync';
    // What only bears its name, and starts another, would seem to do nothing.
    if (!isRsync(String(pid))) return undefined;
    const children = read(`${pid}/task/${pid}/children`).split(' ');
    return [String(pid), ...children.filter((child) => child !== '' && isRsync(child))]
      .map((id) => bytesIn(read(`${id}/io`)) + ticksIn(read(`${id}/stat`)))
      .reduce((sum, done) => sum + done, 0);
  } catch {
    return undefined; // one has just ended
  }
}

/** Read and written, by files and streams alike (proc_pid_io(5)). */
function bytesIn(io: string): number {
  const count = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1]);
  return count('rchar') + count('wchar');
}

/** Of the processor (proc_pid_stat(5), utime and stime; the second field may hold anything, and ends with the last bracket). */
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
