// Tells when a transfer has stopped: its rsync here, with its forks, has read, written and computed nothing to speak of for
// long. rsync's own --timeout is no help: with it, an rsync whose fork hangs, or whose other end does, goes on to say that it
// is there, and takes it for life that this is taken from it (io.c, check_timeout). Where there is no /proc, nobody tells.
import { readFileSync, readlinkSync } from 'node:fs';

export interface SilenceWatch {
  /** Aborts once what is watched has done nothing for so long. */
  readonly signal: AbortSignal;
  /** Watches the rsync of this process id from now on, in place of what was. */
  watch(pid: number): void;
  end(): void;
}

/** So often it is looked within that time. */
const looks = 5;

/** One that only waits looks around now and then, as an rsync does for the end of its ssh: less of the processor than this, */
const idlePart = 0.01;

/** and says now and then that it is there, as one before 3.2 does that has failed (io.c, noop_io_until_death): fewer bytes. */
const idleBytes = 1000;

/** To be ended. `silenceMs` at most 2 ** 31. */
export function watchSilence(silenceMs: number): SilenceWatch {
  const silent = new AbortController();
  const lookMs = silenceMs / looks;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => clearInterval(timer);
  return {
    signal: silent.signal,
    watch(pid) {
      end();
      let before: Done | undefined;
      let idle = 0;
      timer = setInterval(() => {
        const done = doneBy(pid);
        idle = isIdle(before, done, lookMs) ? idle + 1 : 0;
        before = done;
        if (idle >= looks) silent.abort();
      }, lookMs);
    },
    end,
  };
}

interface Done {
  /** Read and written, by files and streams alike. */
  readonly bytes: number;
  readonly processorMs: number;
}

function isIdle(before: Done | undefined, done: Done | undefined, lookMs: number): boolean {
  if (before === undefined || done === undefined) return false;
  const bytes = done.bytes - before.bytes;
  // Fewer than before: a fork has ended.
  return bytes >= 0 && bytes <= idleBytes && done.processorMs - before.processorMs <= lookMs * idlePart;
}

/** By an rsync and its forks; undefined if that cannot be told. An ssh always hears something: it does not count. */
function doneBy(pid: number): Done | undefined {
  try {
    const read = (path: string): string => readFileSync(`/proc/${path}`, 'utf8');
    const isRsync = (id: string): boolean => /\/rsync( \(deleted\))?$/.test(readlinkSync(`/proc/${id}/exe`));
    // What only bears its name, and starts another, would seem to do nothing.
    if (!isRsync(String(pid))) return undefined;
    const children = read(`${pid}/task/${pid}/children`).split(' ');
    const all = [String(pid), ...children.filter((child) => child !== '' && isRsync(child))];
    const sum = (count: (id: string) => number): number => all.reduce((total, id) => total + count(id), 0);
    return {
      bytes: sum((id) => bytesIn(read(`${id}/io`))),
      processorMs: sum((id) => processorMsIn(read(`${id}/stat`))),
    };
  } catch {
    return undefined; // one has just ended
  }
}

/** proc_pid_io(5). */
function bytesIn(io: string): number {
  const count = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1]);
  return count('rchar') + count('wchar');
}

/** proc_pid_stat(5): utime and stime, in ticks of 10 ms; the second field may hold anything, and ends with the last bracket. */
function processorMsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
