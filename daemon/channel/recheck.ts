// Looks again at files that were sent. The kernel reports no event when a program writes through a memory map; only the
// file's time changes. Such a file has usually been created or resized, and therefore sent, a moment before.
import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file as it was before it was sent. */
export interface SeenFile {
  readonly name: string;
  readonly stats: BigIntStats;
}

export interface Recheck {
  /** The regular files among these names, relative to `root`, as they are now. */
  look(root: string, names: Iterable<string>): Promise<SeenFile[]>;
  /** From now on looks again at these, which are about to be sent or were. */
  follow(root: string, files: readonly SeenFile[]): void;
  /** Idempotent. */
  close(): void;
}

interface Followed extends SeenFile {
  readonly root: string;
  readonly dueAt: number;
  readonly intervalMs: number;
}

const firstIntervalMs = 250;
/** Twice as long each time; after about ten minutes the looks at everything are as often. */
const longestIntervalMs = 300_000;
const most = 256;

/** `changed` is called with the name of each file that is not as it was seen; it is not looked at any more. */
export function createRecheck(changed: (name: string) => void, now: () => number): Recheck {
  const followed = new Map<string, Followed>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const arm = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (isClosed || followed.size === 0) return;
    const dueAt = Math.min(...[...followed.values()].map((file) => file.dueAt));
    timer = setTimeout(() => void check(), Math.max(0, dueAt - now()));
    timer.unref();
  };
  const check = async (): Promise<void> => {
    const at = now();
    for (const [key, file] of followed) {
      if (file.dueAt > at) continue;
      const stats = await statsOf(join(file.root, file.name));
      // It was sent again meanwhile, and is followed from that moment.
      if (isClosed || followed.get(key) !== file) continue;
      followed.delete(key);
      const isSame = stats !== undefined && isSameFile(stats, file.stats);
      const intervalMs = file.intervalMs * 2;
      if (!isSame) changed(file.name);
      else if (intervalMs <= longestIntervalMs)
        followed.set(key, { ...file, intervalMs, dueAt: at + intervalMs });
    }
    arm();
  };
  return {
    async look(root, names) {
      const files: SeenFile[] = [];
      for (const name of names) {
        const stats = await statsOf(join(root, name));
        if (stats !== undefined) files.push({ name, stats });
      }
      return files;
    },
    follow(root, files) {
      const dueAt = now() + firstIntervalMs;
      for (const file of files) {
        const key = join(root, file.name);
        // The latest are the last, and the first are dropped.
        followed.delete(key);
        followed.set(key, { ...file, root, dueAt, intervalMs: firstIntervalMs });
      }
      for (const key of followed.keys()) if (followed.size > most) followed.delete(key);
      arm();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.mtimeNs === other.mtimeNs && one.size === other.size && one.ino === other.ino;
}

async function statsOf(path: string): Promise<BigIntStats | undefined> {
  try {
    const stats = await lstat(path, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}
