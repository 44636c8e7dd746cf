// node test/bench/scale-channel.ts SCENE: opens a channel in a large tree, whose first save is made at once; prints
// what that took and what this process burns afterwards while nothing happens, and ends with its input.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import { linkTo } from './peer-portald.ts';
import { manySaves, saveArrives } from './saved-file.ts';

export interface ChannelScene {
  readonly folder: string;
  readonly local: string;
  readonly remote: string;
  readonly target: RemoteTarget;
  readonly saves: number;
}

export interface ChannelCost {
  readonly firstMs: number;
  readonly nextMs: readonly number[];
  readonly idlePercent: number;
  readonly residentMiB: number;
}

const restMs = 10_000;
const idleMs = 20_000;

const scene = JSON.parse(process.argv[2] ?? '') as ChannelScene;
const over = new AbortController();
process.stdin.resume().on('end', () => over.abort());
const pair = { ...scene, signal: over.signal };

async function measured(): Promise<ChannelCost> {
  await using ours = await linkTo(scene);
  ours.open(scene.local, 'there', { deletes: false });
  const firstMs = await saveArrives(pair, 0);
  await sleep(restMs, undefined, { signal: over.signal });
  const nextMs = await manySaves(pair, { saves: scene.saves, pauseMs: 337 });
  await sleep(restMs, undefined, { signal: over.signal });
  const before = process.cpuUsage();
  await sleep(idleMs, undefined, { signal: over.signal });
  const { user, system } = process.cpuUsage(before);
  const idlePercent = (user + system) / (idleMs * 10);
  return { firstMs, nextMs, idlePercent, residentMiB: process.memoryUsage().rss / 1024 / 1024 };
}

try {
  process.stdout.write(`${JSON.stringify(await measured())}\n`);
} catch (error) {
  if (!over.signal.aborted) throw error;
}
process.exit();
