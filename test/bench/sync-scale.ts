// A large tree: what watching it costs, and how soon a channel in it is of use.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answerOf } from './answering-child.ts';
import { quantile } from './figures.ts';
import { milliseconds, printHead, printRow, seconds } from './markdown.ts';
import { parcelWatcher } from './parcel-watcher.ts';
import type { ChannelCost, ChannelScene } from './scale-channel.ts';
import type { WatchCost } from './scale-watch.ts';
import type { SyncRun } from './sync-run.ts';
import { type Scene, startScene } from './sync-scene.ts';

/** Prints two tables. */
export async function scale(run: SyncRun): Promise<void> {
  await using scene = await startScene({ files: run['scale-files'], roundTripMs: 0, signal: run.signal });
  await watching(scene, run);
  await channel(scene, run);
}

async function watching(scene: Scene, run: SyncRun): Promise<void> {
  const folder = join(scene.folder, 'parcel');
  await mkdir(folder);
  const parcel = await parcelWatcher(folder, run.signal);
  if ('trouble' in parcel) process.stdout.write(`@parcel/watcher is not measured: ${parcel.trouble}\n`);
  printHead([
    `a tree of ${run['scale-files']} files is watched`,
    's until ready, median',
    `worst of ${run.repeats}`,
    '× ours',
    'MiB added',
    'kernel watches',
  ]);
  let ours: number | undefined;
  for (const { name, how } of [
    { name: '**portald** (`daemon/channel/watch-source.ts`)', how: 'ours' },
    ...('path' in parcel ? [{ name: '@parcel/watcher', how: parcel.path }] : []),
    { name: 'limit: readdir and lstat of everything, once', how: 'walk' },
  ]) {
    const costs: WatchCost[] = [];
    for (let index = 0; index < run.repeats; index++) {
      costs.push(await answerOf<WatchCost>('scale-watch.ts', [how, scene.local], run.signal));
    }
    const times = costs.map(({ readyMs }) => readyMs);
    const median = quantile(times, 0.5);
    ours ??= median;
    printRow([
      name,
      seconds(median),
      seconds(quantile(times, 1)),
      (median / ours).toFixed(2),
      quantile(
        costs.map(({ addedMiB }) => addedMiB),
        0.5,
      ).toFixed(0),
      String(costs.at(-1)?.watches),
    ]);
  }
}

async function channel(scene: Scene, { saves, signal, ...run }: SyncRun): Promise<void> {
  // As after a restart: everything is there already.
  await promisify(execFile)('cp', ['-a', `${scene.local}/.`, scene.remote], { signal });
  const { folder, local, remote, target } = scene;
  const words: ChannelScene = { folder, local, remote, target, saves };
  const cost = await answerOf<ChannelCost>('scale-channel.ts', [JSON.stringify(words)], signal);
  printHead([
    `**portald**, a channel of ${run['scale-files']} files, RTT 0`,
    's from its start until a save made at once is visible',
    'later saves: ms, median',
    'p95',
    'CPU while idle for 20 s',
    'MiB of the whole process',
  ]);
  printRow([
    'all of it there already',
    seconds(cost.firstMs),
    milliseconds(quantile(cost.nextMs, 0.5)),
    milliseconds(quantile(cost.nextMs, 0.95)),
    `${cost.idlePercent.toFixed(2)} %`,
    cost.residentMiB.toFixed(0),
  ]);
}
