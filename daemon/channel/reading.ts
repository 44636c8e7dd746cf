// Tells when an rsync here hears nothing any more. Its own --timeout does not where it fetches: each of its words that
// the other end's system takes counts as life to it, and what hangs there takes many. Where there is no /proc, nobody tells.
import { readFileSync } from 'node:fs';

export interface Reading {
  /** Aborts once what is watched has read nothing for so long. */
  readonly signal: AbortSignal;
  /** Watches this process and its children from now on, in place of what was. */
  watch(pid: number): void;
  end(): void;
}

/** Looks each `silenceMs`: who hangs is told of after that time, and before twice of it. */
export function createReading(silenceMs: number): Reading {
  const silent = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => clearInterval(timer);
  return {
    signal: silent.signal,
    watch(pid) {
      end();
      let before: number | undefined;
      timer = setInterval(() => {
        const read = bytesRead(pid);
        if (read === undefined || read !== before) before = read;
        else silent.abort();
      }, silenceMs);
    },
    end,
  };
}

/** By a process and its children, files included; undefined if that cannot be told. */
function bytesRead(pid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return [String(pid), ...children.filter((child) => child !== '')]
      .map((id) => Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${id}/io`, 'utf8'))?.[1]))
      .reduce((sum, read) => sum + read, 0);
  } catch {
    return undefined; // one has just ended
  }
}
