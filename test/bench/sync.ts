// `npm run bench -- sync`: from a save's close until the new content is under its name on the other side, for us and for
// what else one could use, over the same connection with the same delay.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startInstance } from '../remote/instance.ts';
import { quantile } from './figures.ts';
import { type Peer, type Scene, syncPeers } from './sync-peers.ts';

export interface SyncWanted {
  readonly saves: number;
  readonly files: number;
  /** 0 for ours alone. */
  readonly peers: number;
}

const roundTripsMs = [0, 40];
const lostMs = 20_000;

export async function sync({ saves, files, peers: wanted }: SyncWanted): Promise<void> {
  const all = await syncPeers();
  const peers = wanted === 0 ? all.slice(0, 1) : all;
  process.stdout.write(
    `${saves} saves of 4 KiB in a tree of ${files} files, ${cpus().length} CPUs, Node ${process.version}\n\n`,
  );
  process.stdout.write(
    `| from save to visible, ms | ${roundTripsMs.map((ms) => `RTT ${ms}: median | p95 | × ours`).join(' | ')} |\n`,
  );
  process.stdout.write(`|---|${roundTripsMs.map(() => '---|---|---|').join('')}\n`);
  process.stdout.write(
    `| arithmetic limit: half a round trip | ${roundTripsMs.map((ms) => `${ms / 2} | | `).join(' | ')} |\n`,
  );
  const ours = new Map<number, number>();
  for (const peer of peers) {
    const cells: string[] = [];
    for (const roundTripMs of roundTripsMs) {
      const times = await measured(peer, { saves, files, roundTripMs });
      const median = quantile(times, 0.5);
      if (!ours.has(roundTripMs)) ours.set(roundTripMs, median);
      const factor = median / (ours.get(roundTripMs) ?? median);
      cells.push(median.toFixed(1), quantile(times, 0.95).toFixed(1), factor.toFixed(1));
    }
    process.stdout.write(`| ${peer.name} | ${cells.join(' | ')} |\n`);
  }
}

async function measured(
  peer: Peer,
  { saves, files, roundTripMs }: Omit<SyncWanted, 'peers'> & { roundTripMs: number },
): Promise<number[]> {
  await using instance = await startInstance();
  const relay = spawn(
    process.execPath,
    [join(import.meta.dirname, 'delay-relay.ts'), String(instance.target.port), String(roundTripMs / 2)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const local = await mkdtemp(join(instance.folder, 'local-'));
  const remote = join(instance.home, 'there');
  await mkdir(remote);
  fill(local, files);
  const scene: Scene = {
    folder: instance.folder,
    local,
    remote,
    target: { ...instance.target, port: await portOf(relay) },
  };
  const running = await peer.start(scene);
  try {
    const times: number[] = [];
    await arrives(local, remote, 0);
    await sleep(3000);
    for (let index = 1; index <= saves; index++) {
      times.push(await arrives(local, remote, index));
      // No multiple of anybody's interval.
      await sleep(337 + (index % 7) * 31);
    }
    return times;
  } finally {
    await running.end();
    relay.stdin?.end();
    await once(relay, 'exit');
    await rm(local, { recursive: true, force: true });
  }
}

/** Saves a file and waits until it is there; milliseconds. */
async function arrives(local: string, remote: string, index: number): Promise<number> {
  // Of another size each time: most take two saves of one size within a second for one.
  const content = `${index} `.padEnd(4096 + index, '.');
  mkdirSync(join(local, 'work'), { recursive: true });
  writeFileSync(join(local, 'work/saved'), content);
  const savedAt = performance.now();
  while (!holds(join(remote, 'work/saved'), content)) {
    if (performance.now() - savedAt > lostMs) return Number.POSITIVE_INFINITY;
    await sleep(1);
  }
  return performance.now() - savedAt;
}

function holds(path: string, content: string): boolean {
  try {
    return readFileSync(path, 'utf8') === content;
  } catch {
    return false;
  }
}

function fill(folder: string, files: number): void {
  for (let index = 0; index < files; index++) {
    const inner = join(folder, `folder ${index % 100}`);
    if (index < 100) mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, `file ${index}`), String(index));
  }
}

async function portOf(relay: ChildProcess): Promise<number> {
  if (relay.stdout === null) throw new Error('the relay has no output');
  const [line] = (await once(relay.stdout, 'data')) as [Buffer];
  return Number(String(line));
}
