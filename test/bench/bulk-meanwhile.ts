// Saves in one channel while another is busy with a large file.
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './figures.ts';
import { makeLargeFile, mebibytesThatFit } from './large-file.ts';
import { milliseconds, printHead, printRow } from './markdown.ts';
import { linkTo } from './peer-portald.ts';
import { manySaves, settled } from './saved-file.ts';
import type { SyncRun } from './sync-run.ts';
import { type Scene, startScene } from './sync-scene.ts';
import { until } from './until.ts';

const lostMs = 300_000;
/** As in the table of saves: with shorter ones it is the arming of pairs that is measured, with or without the large file. */
const pauseMs = 337;

/** Prints a table. */
export async function meanwhile(run: SyncRun): Promise<void> {
  const mebibytes = mebibytesThatFit(run['large-mib']);
  const alone: number[][] = [];
  const busy: number[][] = [];
  for (const roundTripMs of run.roundTripsMs) {
    await using scene = await startScene({ files: run.files, roundTripMs, signal: run.signal });
    makeLargeFile(join(scene.folder, 'large'), mebibytes);
    mkdirSync(join(scene.folder, 'large-local'));
    await using ours = await linkTo(scene);
    ours.open(scene.local, 'there', { deletes: false });
    ours.open(join(scene.folder, 'large-local'), 'large-there', { deletes: false });
    await settled(scene);
    alone.push(await manySaves(scene, { saves: run.saves, pauseMs }));
    busy.push(await whileBusy(scene, run.saves));
  }
  printHead([
    '**portald**, 4 KiB in another channel: ms until visible',
    ...run.roundTripsMs.flatMap((ms) => [`RTT ${ms}: saves`, 'median', 'p95', '× alone']),
  ]);
  for (const [name, rows] of [
    ['alone', alone],
    [`while a file of ${mebibytes} MiB goes over`, busy],
  ] as const) {
    const cells = rows.flatMap((times, index) => [
      String(times.length),
      milliseconds(quantile(times, 0.5)),
      milliseconds(quantile(times, 0.95)),
      (quantile(times, 0.5) / quantile(alone[index] ?? [], 0.5)).toFixed(1),
    ]);
    printRow([name, ...cells]);
  }
}

/** Brings the file over and over again until there were enough saves meanwhile. */
async function whileBusy(scene: Scene, saves: number): Promise<number[]> {
  const { folder, signal } = scene;
  const there = join(folder, 'home/large-there/large');
  const times: number[] = [];
  const isThere = (): boolean => statSync(there, { throwIfNoEntry: false }) !== undefined;
  while (times.length < saves) {
    renameSync(join(folder, 'large'), join(folder, 'large-local/large'));
    // Until it is really under way.
    await sleep(300, undefined, { signal });
    const wanted = { saves: saves - times.length, first: saves + times.length + 1 };
    const during = await manySaves(scene, { ...wanted, pauseMs, isOver: isThere });
    await until(isThere, { signal, lostMs });
    if (during.length === 0) break;
    times.push(...during);
    renameSync(join(folder, 'large-local/large'), join(folder, 'large'));
    rmSync(there);
    await sleep(2000, undefined, { signal });
  }
  return times;
}
