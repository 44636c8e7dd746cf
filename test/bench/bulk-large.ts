// One large file, new and with one byte of it changed: ours beside rsync by hand.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './figures.ts';
import { makeLargeFile, mebibytesThatFit } from './large-file.ts';
import { printHead, printRow, seconds } from './markdown.ts';
import { linkTo } from './peer-portald.ts';
import { rsync } from './peer-rsync.ts';
import { destinationOf, shareConnection } from './peer-ssh.ts';
import { settled } from './saved-file.ts';
import type { SyncRun } from './sync-run.ts';
import { type Scene, startScene } from './sync-scene.ts';
import { until } from './until.ts';

const lostMs = 300_000;

interface Times {
  readonly news: number[];
  readonly changes: number[];
  /** Of the changes, on the wire. */
  readonly bytes: number[];
}

/** Prints a table for each round trip. */
export async function largeFile(run: SyncRun): Promise<void> {
  const mebibytes = mebibytesThatFit(run['large-mib']);
  for (const roundTripMs of run.roundTripsMs) {
    await using scene = await startScene({ files: 0, roundTripMs, signal: run.signal });
    makeLargeFile(join(scene.folder, 'large'), mebibytes);
    scene.use(await shareConnection(scene));
    const ours: Times = { news: [], changes: [], bytes: [] };
    const byHand: Times = { news: [], changes: [], bytes: [] };
    // In turn, and not always the same one first.
    for (let index = 1; index <= run.repeats; index++) {
      if (index % 2 === 1) await byOurs(scene, ours);
      await byRsync(scene, byHand);
      if (index % 2 === 0) await byOurs(scene, ours);
    }
    printHead([
      `one file of ${mebibytes} MiB, RTT ${roundTripMs}`,
      'new: s, median',
      `worst of ${run.repeats}`,
      'MB/s',
      '× by hand',
      'one byte changed: s, median',
      'worst',
      '× by hand',
      'MB on the wire',
    ]);
    for (const [name, times] of [
      ['**portald**', ours],
      ['rsync -lpt by hand, shared connection', byHand],
    ] as const) {
      const [fresh, change] = [quantile(times.news, 0.5), quantile(times.changes, 0.5)];
      printRow([
        name,
        seconds(fresh),
        seconds(quantile(times.news, 1)),
        ((mebibytes * 1.048576) / (fresh / 1000)).toFixed(0),
        (quantile(byHand.news, 0.5) / fresh).toFixed(2),
        seconds(change),
        seconds(quantile(times.changes, 1)),
        (quantile(byHand.changes, 0.5) / change).toFixed(2),
        (quantile(times.bytes, 0.5) / 1e6).toFixed(2),
      ]);
    }
  }
}

async function byOurs(scene: Scene, times: Times): Promise<void> {
  await using ours = await linkTo(scene);
  ours.open(scene.local, 'there', { deletes: false });
  await settled(scene);
  const source = join(scene.local, 'large');
  await both(scene, times, {
    bring: () => renameSync(join(scene.folder, 'large'), source),
    source,
    takeAway: () => renameSync(source, join(scene.folder, 'large')),
  });
}

async function byRsync(scene: Scene, times: Times): Promise<void> {
  const source = join(scene.folder, 'large');
  const send = (): void => {
    void rsync(scene, [source, `${destinationOf(scene)}:${scene.remote}/`], { isShared: true });
  };
  await both(scene, times, { bring: send, source, changed: send, takeAway: () => {} });
}

interface Ways {
  readonly bring: () => void;
  /** Where the file is once brought. */
  readonly source: string;
  readonly changed?: () => void;
  readonly takeAway: () => void;
}

/** The file goes over, a byte of it changes, and it is taken away again. */
async function both(scene: Scene, times: Times, ways: Ways): Promise<void> {
  const { signal } = scene;
  const { bring, source, changed = () => {}, takeAway } = ways;
  const there = join(scene.remote, 'large');
  await rested(scene);
  bring();
  times.news.push(await until(() => isThere(there), { signal, lostMs }));
  await rested(scene);
  await compare(source, there, signal);
  const before = await scene.relay.carried();
  const byte = changeByte(source, Math.floor(statSync(source).size / 3) + times.news.length);
  changed();
  times.changes.push(await until(() => byteAt(there, byte.at) === byte.value, { signal, lostMs }));
  await rested(scene);
  times.bytes.push((await scene.relay.carried()) - before);
  await compare(source, there, signal);
  takeAway();
  rmSync(there);
}

/** Until nothing goes over the wire, nor is on its way to the disk. */
async function rested({ relay, signal }: Scene): Promise<void> {
  for (let before = -1; ; ) {
    const carried = await relay.carried();
    // What keeps the connection alive is small.
    if (before >= 0 && carried - before < 20_000) break;
    before = carried;
    await sleep(1500, undefined, { signal });
  }
  await once(spawn('sync', { signal }), 'exit');
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function changeByte(path: string, at: number): { at: number; value: number } {
  const value = (byteAt(path, at) + 1) % 256;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.of(value), 0, 1, at);
  closeSync(file);
  return { at, value };
}

function byteAt(path: string, at: number): number {
  const file = openSync(path, 'r');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  closeSync(file);
  return byte[0] ?? -1;
}

async function compare(left: string, right: string, signal: AbortSignal): Promise<void> {
  const [code] = (await once(spawn('cmp', ['-s', left, right], { signal }), 'exit')) as [number];
  if (code !== 0) throw new Error(`${right} is not what it should be`);
}
