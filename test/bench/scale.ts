// What many portals cost one portald, what it asks of EC2 for them, and whether any of them is forgotten when all are in
// need at once.
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PortalView } from '../../protocol/portal-view.ts';
import { chanceOf } from '../crash/chance.ts';
import { runToEnd } from '../fixture/programs.ts';
import { build, builtClient } from './built-daemon.ts';
import { quantile } from './figures.ts';
import { callsDuring, type ManyPortals, setManyPortals } from './many-portals.ts';
import { milliseconds, printHead, printRow, seconds } from './markdown.ts';

const sizes = [1, 20, 50, 200];
const atOnce = 20;
const openingMs = 10 * 60_000;
/** Long enough that a notice that only EC2 tells of is seen before the machine is gone. */
const noticeMs = 30_000;

export interface ScaleWanted {
  /** The fewest and the most portals. */
  readonly least: number;
  readonly most: number;
  /** Seconds of watching them when nothing happens. */
  readonly steady: number;
  /** 1 for the storm, too. */
  readonly storm: number;
}

const isOpen = (view: PortalView): boolean => view.state === 'open';
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const load = (): string => `load ${loadavg()[0]?.toFixed(1)}`;

export async function scale(wanted: ScaleWanted): Promise<void> {
  build();
  const rows: string[][] = [];
  for (const size of sizes.filter((one) => one >= wanted.least && one <= wanted.most)) {
    const scene = await setManyPortals(size, noticeMs);
    try {
      rows.push(await measure(scene, wanted.steady * 1000));
    } finally {
      await scene.end();
    }
  }
  printHead([
    'portals',
    'all open after s',
    'EC2 calls/s',
    'CPU %',
    'RSS MiB',
    'PSS MiB',
    'status by RPC ms: median, p99',
    'portalctl status ms',
    'notices at once: again open after s, instances',
    'seen by EC2 alone s: median, p99',
  ]);
  for (const row of rows) printRow(row);
  if (wanted.storm > 0) await storm();
}

async function measure(scene: ManyPortals, forMs: number): Promise<string[]> {
  const { names, daemon, stage } = scene;
  const size = names.length;
  const empty = daemon.memoryMiB();
  say(`${size}: without a portal ${empty.rss.toFixed(0)} MiB RSS, ${empty.pss.toFixed(0)} PSS; ${load()}`);
  const began = performance.now();
  await scene.openAll();
  const late = await scene.until(names, isOpen, openingMs);
  if (late.length > 0) {
    say(`${size}: skipped, ${late.length} did not open in ${openingMs / 60_000} minutes; ${load()}`);
    return [String(size), `${late.length} not open`];
  }
  const openMs = performance.now() - began;
  say(`${size}: open after ${seconds(openMs)} s; ${load()}`);
  await sleep(10_000);
  const cpu = daemon.cpuSeconds();
  const from = performance.now();
  const { average } = await callsDuring(stage, forMs);
  const cpuPercent = ((daemon.cpuSeconds() - cpu) * 100_000) / (performance.now() - from);
  const memory = daemon.memoryMiB();
  const status: number[] = [];
  for (let time = 0; time < 50; time++) {
    const asked = performance.now();
    await daemon.connection.call('daemon.status', {});
    status.push(performance.now() - asked);
    await sleep(20);
  }
  const asked = performance.now();
  await runToEnd(process.execPath, [builtClient, 'status'], { env: stage.environment });
  const clientMs = performance.now() - asked;
  say(`${size}: steady, ${average.toFixed(2)} calls/s, ${cpuPercent.toFixed(1)} % CPU; ${load()}`);
  const together = await noticesAtOnce(scene);
  const detection = await detections(scene);
  return [
    String(size),
    seconds(openMs),
    average.toFixed(2),
    cpuPercent.toFixed(1),
    memory.rss.toFixed(0),
    memory.pss.toFixed(0),
    `${milliseconds(quantile(status, 0.5))}, ${milliseconds(quantile(status, 0.99))}`,
    milliseconds(clientMs),
    together,
    `${seconds(quantile(detection, 0.5))}, ${seconds(quantile(detection, 0.99))}`,
  ];
}

interface Instance {
  readonly instanceId: string;
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Interrupts so many at the same time and waits until each is open on another instance. */
async function noticesAtOnce(scene: ManyPortals): Promise<string> {
  const { stage, views } = scene;
  const some = scene.names.slice(0, atOnce);
  const before = new Map(some.map((name) => [name, views.get(name)?.instance?.id ?? '']));
  const began = performance.now();
  await Promise.all(
    [...before.values()].map((instanceId) => stage.control.post('notice', { instanceId, noticeMs: 120_000 })),
  );
  const isMoved = (view: PortalView): boolean => isOpen(view) && view.instance?.id !== before.get(view.name);
  const late = await scene.until(some, isMoved, openingMs);
  const tookMs = performance.now() - began;
  const isOver = async (): Promise<readonly Instance[]> => {
    const { instances } = await stage.control.get<{ instances: Instance[] }>('state');
    return instances.filter((one) => one.state === 'running' || one.state === 'pending');
  };
  // What was interrupted is ended by then, each in its own time.
  let running = await isOver();
  for (let time = 0; time < 120 && running.length > scene.names.length; time++) {
    await sleep(1000);
    running = await isOver();
  }
  const text = `${late.length > 0 ? `${late.length} not open` : seconds(tookMs)}, ${running.length} for ${scene.names.length}`;
  say(`${scene.names.length}: ${some.length} notices at once: ${text}; ${load()}`);
  return text;
}

/** Seconds from notices of which SSH tells nothing until portald knows, in milliseconds. */
async function detections(scene: ManyPortals): Promise<number[]> {
  const { stage, views } = scene;
  const chance = chanceOf(scene.names.length);
  const some = scene.names.slice(-atOnce);
  return Promise.all(
    some.map(async (name) => {
      const instanceId = views.get(name)?.instance?.id ?? '';
      await stage.control.post('network', { instanceId, mode: 'blackhole' });
      await sleep(5000 + chance.fraction() * 30_000);
      const began = performance.now();
      await stage.control.post('notice', { instanceId, noticeMs });
      const isSeen = (view: PortalView): boolean =>
        view.interruption !== undefined || view.instance?.id !== instanceId;
      const late = await scene.until([name], isSeen, 60_000);
      const tookMs = late.length > 0 ? Number.POSITIVE_INFINITY : performance.now() - began;
      const seenBy = views.get(name)?.interruption?.seenBy;
      if (seenBy !== 'spot request status') say(`${name}: seen by ${seenBy}`);
      return tookMs;
    }),
  );
}

/** Opens portals while EC2 refuses nine calls of ten for a minute: all of them must open in the end. */
async function storm(): Promise<void> {
  const scene = await setManyPortals(atOnce, noticeMs);
  try {
    const refusal = { code: 'RequestLimitExceeded', message: 'Request limit exceeded.', status: 503 };
    const began = performance.now();
    // What is asked before an opening is not of the storm: it would wait it out.
    await scene.openAll();
    await scene.stage.control.post('faults', [{ action: '*', kind: 'error', ...refusal, probability: 0.9 }]);
    await sleep(60_000);
    const already = scene.names.filter((name) => scene.views.get(name)?.state === 'open').length;
    await scene.stage.control.remove('faults');
    const calmed = performance.now();
    const late = await scene.until(scene.names, isOpen, openingMs);
    say(
      `storm: ${already} of ${atOnce} open within a minute in which nine calls of ten are refused; ` +
        `${late.length} not open ${seconds(performance.now() - calmed)} s after it, ` +
        `${seconds(performance.now() - began)} s in all; ${load()}`,
    );
  } finally {
    await scene.end();
  }
}
