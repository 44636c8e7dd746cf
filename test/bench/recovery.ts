// How long the user cannot write to his volume when AWS takes the machine back: with portald, and with what is common.
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { tableOf } from './figures.ts';
import { callsOf, measureCpu } from './load.ts';
import { type Case, planOf } from './plan.ts';
import { delays, pauseMs, refusesMs } from './region.ts';
import { type Measured, type Scene, setScene } from './scene.ts';
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
  const { seed, portals } = wanted;
  const say = (text: string): void => void process.stdout.write(`${text}\n`);

  const play = async (name: string, interruptions: number, way: Play): Promise<Measured[]> => {
    const measured: Measured[] = [];
    const cpu = measureCpu();
    const scene = await setScene('portald-bench-', seed, portals);
    try {
      await way(scene, planOf(seed, portals, wanted.interruptions, interruptions), (one) => {
        measured.push(one);
        const times = `${one.blockedMs} ms, limit ${one.limitMs} ms`;
        say(
          `${name} ${measured.length}: portal ${one.portal + 1}, pool ${one.refused ? 'refuses' : 'gives'}, ${times}`,
        );
      });
      const { average, most, kinds } = await callsOf(scene.stage);
      const frequent = kinds.slice(0, 4).map(([kind, times]) => `${kind} ${times}`);
      say(
        `${name}: CPUs busy ${Math.round(cpu() * 100)} %, load ${loadavg()[0]?.toFixed(1)}; calls of EC2 a second: ` +
          `${average.toFixed(1)} on average, ${most} at most (${frequent.join(', ')})`,
      );
    } finally {
      await scene.end();
    }
    return measured;
  };

  const { interruptions, peers } = wanted;
  say(
    `seed ${seed}; ${portals} portals at a time on ${cpus().length} CPUs, load ${loadavg()[0]?.toFixed(1)}; ${versions()}`,
  );
  const stated = { ...delays, 'pause before an interruption': pauseMs, 'a pool refuses for': refusesMs };
  for (const [name, delay] of Object.entries(stated)) {
    say(`  ${name}: ${typeof delay === 'number' ? delay : `${delay.min} to ${delay.max}`} ms`);
  }
  const ours = await play('portald', interruptions, recoverWithPortald);
  const [serially, relaunched] =
    peers === 0
      ? [[], []]
      : await Promise.all([
          play('serial', peers, (...scene) => recoverWithScript(serial, ...scene)),
          play('cold', peers, (...scene) => recoverWithScript(cold, ...scene)),
        ]);
  say(
    tableOf([
      { name: 'portald', cases: ours },
      { name: 'ordered at the notice, then one after the other', cases: serially },
      { name: 'cold relaunch after the loss', cases: relaunched },
    ]),
  );
}

function versions(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return `portald ${version}, Node ${process.version}, Linux ${release()}`;
}
