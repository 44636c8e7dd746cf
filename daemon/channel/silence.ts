// Tells when a transfer has stopped. rsync's own --timeout does so only while much is under way: each of its words that the
// other end's system takes counts as life to it (io.c, check_timeout), and a word is sent now and then. Where there is no
// /proc, nobody tells.
import { readFileSync } from 'node:fs';

export interface SilenceWatch {
  /** Aborts once what is watched has moved nothing for so long. */
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
        const moved = movedBy(pid);
        equal = moved === before && moved !== undefined ? equal + 1 : 0;
        before = moved;
        if (equal >= looks) silent.abort();
      }, silenceMs / looks);
    },
    end,
  };
}

/** So many bytes written are more than words that only say that somebody is there. */
const wordsBytes = 4096;

/**
 * Grows with what an rsync and its forks read, files included, and with what they write in pages; undefined if that cannot be
 * told. An ssh with a connection of its own always hears something: it does not count.
 */
function movedBy(pid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    const isRsync = (id: string): boolean => readFileSync(`/proc/${id}/comm`, 'utf8') === 'rsync\n';
    // What only bears its name, and starts another, would seem to do nothing.
    if (!isRsync(String(pid))) return undefined;
    return [String(pid), ...children.filter((child) => child !== '' && isRsync(child))]
      .map((id) => movedIn(readFileSync(`/proc/${id}/io`, 'utf8')))
      .reduce((sum, moved) => sum + moved, 0);
  } catch {
    return undefined; // one has just ended
  }
}

function movedIn(io: string): number {
  const bytes = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1]);
  return bytes('rchar') + Math.floor(bytes('wchar') / wordsBytes);
}
