// `npm run bench -- sync`: how fast changes come over, for us and for what else one could use, over the same connection
// with the same delay.
import { cpus, loadavg } from 'node:os';
import { bulk } from './sync-bulk.ts';
import { latency } from './sync-latency.ts';
import { syncPeers } from './sync-peers.ts';
import type { SyncRun, SyncWanted } from './sync-run.ts';
import { scale } from './sync-scale.ts';

/** Prints the tables that are wanted. */
export async function sync(wanted: SyncWanted): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  // npm sends a second SIGINT after the terminal's.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const run: SyncRun = { ...wanted, roundTripsMs: [0, 40], signal: interrupted.signal };
  try {
    const all = syncPeers(wanted.peers !== 0);
    process.stdout.write(`${cpus().length} CPUs, Node ${process.version}; RTT in milliseconds\n`);
    const [load = 0] = loadavg();
    if (load > 0.5) {
      process.stdout.write(
        `others are at work here (load ${load.toFixed(1)}): figures will be too high, and unequally so\n`,
      );
    }
    if (wanted.latency !== 0) await latency(all, run);
    if (wanted.bulk !== 0) await bulk(all, run);
    if (wanted.scale !== 0) await scale(run);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
