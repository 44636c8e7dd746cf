// node test/bench/scale-watch.ts HOW FOLDER: watches FOLDER (`ours`, or the path of @parcel/watcher), or walks it
// (`walk`); prints how long it took until all changes would be told and what it costs, and ends with its input.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchSource } from '../../daemon/channel/watch-source.ts';

export interface WatchCost {
  readonly readyMs: number;
  readonly addedMiB: number;
  /** Watches of the kernel's; there are no more for a user than fs.inotify.max_user_watches. */
  readonly watches: number;
}

const [how = '', folder = ''] = process.argv.slice(2);

interface ParcelWatcher {
  subscribe(folder: string, told: () => void): Promise<unknown>;
}

async function begin(): Promise<void> {
  if (how === 'ours') {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const source = { path: folder, isRecursive: true, excluded: async () => () => false };
    const watch = watchSource(source, Date.now, (change) => {
      const trouble = watch.trouble();
      if (trouble !== undefined) reject(new Error(trouble));
      else if (change === undefined) resolve();
    });
    await promise;
  } else if (how === 'walk') {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      lstatSync(join(folder, name));
  } else {
    const { default: parcel } = (await import(how)) as { default: ParcelWatcher };
    await parcel.subscribe(folder, () => {});
  }
}

function watchesHeld(): number {
  let watches = 0;
  for (const name of readdirSync('/proc/self/fdinfo')) {
    try {
      watches += readFileSync(`/proc/self/fdinfo/${name}`, 'utf8').split('inotify wd').length - 1;
    } catch {
      // it was closed meanwhile
    }
  }
  return watches;
}

process.stdin.resume().on('end', () => process.exit());
const before = process.memoryUsage().rss;
const since = performance.now();
await begin();
const readyMs = performance.now() - since;
await sleep(1000);
const addedMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
const cost: WatchCost = {
  readyMs,
  addedMiB,
  watches: process.platform === 'linux' ? watchesHeld() : Number.NaN,
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
