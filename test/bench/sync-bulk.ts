// Much at once.
import { branches, checkouts } from './bulk-checkout.ts';
import { largeFile } from './bulk-large.ts';
import { meanwhile } from './bulk-meanwhile.ts';
import { newFiles } from './bulk-new-files.ts';
import { quantile } from './figures.ts';
import { printHead, printRow, seconds } from './markdown.ts';
import type { Peer } from './peer.ts';
import type { SyncRun } from './sync-run.ts';

export async function bulk(peers: readonly Peer[], run: SyncRun): Promise<void> {
  await beside(peers, run, `${run['new-files']} new files moved in: s until all are visible`, newFiles);
  const { files, changed, onlyFirst, onlySecond } = branches;
  const differing = changed + onlyFirst + onlySecond;
  await beside(peers, run, `git checkout, ${differing} of ${files} files differ: s until equal`, checkouts);
  const limit = await checkouts(undefined, 0, run);
  printRow(['git alone, nothing synchronised', seconds(quantile(limit, 0.5)), seconds(quantile(limit, 1))]);
  await largeFile(run);
  await meanwhile(run);
}

/** Prints a table of what `measure` says for each peer; the ratios are to the first. */
async function beside(
  peers: readonly Peer[],
  run: SyncRun,
  title: string,
  measure: (peer: Peer, roundTripMs: number, run: SyncRun) => Promise<number[]>,
): Promise<void> {
  const columns = run.roundTripsMs.flatMap((ms) => [
    `RTT ${ms}: median`,
    `worst of ${run.repeats}`,
    '× ours',
  ]);
  printHead([title, ...columns]);
  const ours = new Map<number, number>();
  for (const peer of peers) {
    const cells: string[] = [];
    for (const roundTripMs of run.roundTripsMs) {
      const times = await measure(peer, roundTripMs, run);
      const median = quantile(times, 0.5);
      if (!ours.has(roundTripMs)) ours.set(roundTripMs, median);
      const factor = median / (ours.get(roundTripMs) ?? median);
      cells.push(seconds(median), seconds(quantile(times, 1)), factor.toFixed(1));
    }
    printRow([peer.name, ...cells]);
  }
}
