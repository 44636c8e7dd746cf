// Thousands of new small files at once: a folder of them is moved into the tree.
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from './peer.ts';
import { isEqual } from './same-tree.ts';
import { settled } from './saved-file.ts';
import type { SyncRun } from './sync-run.ts';
import { startScene } from './sync-scene.ts';
import { until } from './until.ts';

const lostMs = 120_000;

/** Milliseconds from the move until all are there, for each of `repeats` folders. */
export async function newFiles(peer: Peer, roundTripMs: number, run: SyncRun): Promise<number[]> {
  const { files, repeats, signal } = run;
  await using scene = await startScene({ files, roundTripMs, signal });
  scene.use(await peer.start(scene, false));
  await settled(scene);
  const times: number[] = [];
  for (let index = 1; index <= repeats; index++) {
    const name = `new ${index}`;
    const made = join(scene.folder, name);
    const sizes = make(made, run['new-files']);
    const there = arrivals(join(scene.remote, name), sizes);
    const since = performance.now();
    renameSync(made, join(scene.local, name));
    const ms = await until(there, { signal, since, lostMs, everyMs: 5 });
    const same = isEqual(join(scene.local, name), join(scene.remote, name));
    times.push(same ? ms : Number.POSITIVE_INFINITY);
    await sleep(2000, undefined, { signal });
  }
  return times;
}

/** Makes a folder of files; tells their sizes. */
function make(folder: string, files: number): Map<string, number> {
  mkdirSync(folder);
  const sizes = new Map<string, number>();
  for (let index = 0; index < files; index++) {
    const size = 200 + ((index * 379) % 3800);
    writeFileSync(join(folder, `file ${index}`), randomBytes(size));
    sizes.set(`file ${index}`, size);
  }
  return sizes;
}

/** Looks only at what has not been seen yet, so that looking costs little while others work. */
function arrivals(folder: string, awaited: Map<string, number>): () => boolean {
  return () => {
    for (const [name, size] of awaited) {
      if (statSync(join(folder, name), { throwIfNoEntry: false })?.size !== size) return false;
      awaited.delete(name);
    }
    return true;
  };
}
