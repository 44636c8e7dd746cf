// How long the user cannot write to his volume when AWS takes the machine back: with portald, and with what is common.
import { tableOf } from './figures.ts';
import { planOf } from './plan.ts';
import { type Measured, setScene } from './scene.ts';
import { recoverWithPortald } from './with-portald.ts';

export async function recovery(wanted: {
  interruptions: number;
  peers: number;
  portals: number;
  seed: number;
}): Promise<void> {
  const { seed, portals, interruptions } = wanted;
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const ours: Measured[] = [];
  const scene = await setScene('portald-bench-', seed, portals);
  try {
    await recoverWithPortald(scene, planOf(seed, portals, interruptions), (one) => {
      ours.push(one);
      say(
        `${ours.length}: portal ${one.portal + 1}, ${one.refused ? 'pool refuses' : 'pool gives'}, limit ${one.limitMs} ms, cannot write for ${one.blockedMs} ms`,
      );
    });
  } finally {
    await scene.end();
  }
  say(tableOf([{ name: 'portald', cases: ours }]));
}
