// How long nobody can write to a portal's volume when AWS takes its machine back: with portald, and with the scripts that
// are common. All meet the same interruptions with the same delays, each way on a sandbox of its own.
import { cpus, loadavg } from 'node:os';
import { tableOf, timesLonger } from './figures.ts';
import { callsOf, measureCpu } from './load.ts';
import { type Case, planOf } from './plan.ts';
import { delays, pauseMs, refusesMs } from './region.ts';
import { type Measured, type Scene, setScene } from './scene.ts';
import { versions } from './versions.ts';
import { recoverWithPortald } from './with-portald.ts';
import { cold, recoverWithScript, serial } from './with-script.ts';

export interface Wanted {
  readonly interruptions: number;
  /** How many of them, the first ones, the scripts meet too: they take longer. */
  readonly peers: number;
  /** How many portals there are at a time. */
  readonly portals: number;
  readonly seed: number;
}

type Play = (scene: Scene, plan: Case[][], tell: (one: Measured) => void) => Promise<void>;

export async function recovery(wanted: Wanted): Promise<void> {
  const { seed, portals, interruptions, peers } = wanted;
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const load = (): string => `load ${loadavg()[0]?.toFixed(1)}`;

  const play = async (name: string, first: number, way: Play): Promise<Measured[]> => {
    const measured: Measured[] = [];
    const cpu = measureCpu();
    const scene = await setScene('portald-bench-', seed, portals);
    try {
      await way(scene, planOf(seed, portals, interruptions, first), (one) => {
        measured.push(one);
        const what = `portal ${one.portal + 1}, the pool ${one.refused ? 'refuses' : 'gives'}`;
        say(`${name} ${measured.length}: ${what}, ${one.blockedMs} ms, limit ${one.limitMs} ms`);
      });
      const { average, most, kinds } = await callsOf(scene.stage, scene.interruptedAt());
      const frequent = kinds.slice(0, 4).map(([kind, times]) => `${kind} ${times}`);
      say(
        `${name}: CPUs busy ${Math.round(cpu() * 100)} %, ${load()}; calls of EC2 a second: ` +
          `${average.toFixed(1)} on average, ${most} at most (${frequent.join(', ')})`,
      );
    } finally {
      await scene.end();
    }
    return measured;
  };

  const range = (ms: number | { min: number; max: number }): string =>
    typeof ms === 'number' ? String(ms) : `${ms.min} to ${ms.max}`;
  const stated = { ...delays, 'before an interruption': pauseMs, 'a pool refuses for': refusesMs };
  say(`seed ${seed}; ${portals} portals at a time on ${cpus().length} CPUs, ${load()}; ${versions()}`);
  const told = Object.entries(stated).map(([name, ms]) => `${name} ${range(ms)}`);
  say(`delays in milliseconds: ${told.join(', ')}`);

  const ours = {
    name: "portald's handover",
    cases: await play('portald', interruptions, recoverWithPortald),
  };
  const [serially, relaunched] = await Promise.all(
    [serial, cold].map(async (way) => ({
      name: way.name,
      cases: peers === 0 ? [] : await play(way.name, peers, (...scene) => recoverWithScript(way, ...scene)),
    })),
  );
  const others = [serially, relaunched].filter((one) => one !== undefined);
  say(`\n${tableOf([ours, ...others])}\n`);
  for (const other of others) if (other.cases.length > 0) say(timesLonger(other, ours));
}
