// From a save's close until the new content is under its name on the other side.
import { cpSync } from 'node:fs';
import { quantile } from './figures.ts';
import { milliseconds, printHead, printRow } from './markdown.ts';
import type { Peer } from './peer.ts';
import { portaldInbound } from './peer-portald.ts';
import { manySaves, settled } from './saved-file.ts';
import type { SyncRun } from './sync-run.ts';
import { startScene } from './sync-scene.ts';

/** Prints a line for each peer; the ratios are to the first. */
export async function latency(peers: readonly Peer[], run: SyncRun): Promise<void> {
  const { roundTripsMs } = run;
  printHead([
    `${run.saves} saves of 4 KiB in a tree of ${run.files} files: ms until visible`,
    ...roundTripsMs.flatMap((ms) => [`RTT ${ms}: median`, 'p95', '× ours']),
  ]);
  printRow([
    'arithmetic limit: half a round trip',
    ...roundTripsMs.flatMap((ms) => [String(ms / 2), '', '']),
  ]);
  const ours = new Map<number, number>();
  for (const peer of peers) {
    const cells: string[] = [];
    for (const roundTripMs of roundTripsMs) {
      const times = await measured(peer, roundTripMs, run, false);
      const median = quantile(times, 0.5);
      if (!ours.has(roundTripMs)) ours.set(roundTripMs, median);
      const factor = median / (ours.get(roundTripMs) ?? median);
      cells.push(milliseconds(median), milliseconds(quantile(times, 0.95)), factor.toFixed(1));
    }
    printRow([peer.name, ...cells]);
  }
  const cells: string[] = [];
  for (const roundTripMs of roundTripsMs) {
    const times = await measured(portaldInbound, roundTripMs, run, true);
    const factor = quantile(times, 0.5) / (ours.get(roundTripMs) ?? Number.NaN);
    cells.push(...[0.5, 0.95].map((share) => milliseconds(quantile(times, share))), factor.toFixed(1));
  }
  printRow([portaldInbound.name, ...cells]);
}

async function measured(
  peer: Peer,
  roundTripMs: number,
  { saves, files, signal }: SyncRun,
  isInbound: boolean,
): Promise<number[]> {
  await using scene = await startScene({ files, roundTripMs, signal });
  const { local, remote } = scene;
  if (isInbound) cpSync(local, remote, { recursive: true });
  scene.use(await peer.start(scene, false));
  const pair = isInbound ? { local: remote, remote: local, signal } : { local, remote, signal };
  await settled(pair);
  return await manySaves(pair, { saves, pauseMs: 337 });
}
