// The common ways: a script that orders the replacement at the notice and then does one thing after the other, and one
// that relaunches cold once its machine is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Case } from './plan.ts';
import type { Measured, Scene } from './scene.ts';
import { createScript, type Machine, type Script } from './script.ts';

export interface Way {
  readonly name: string;
  readonly how: 'notice' | 'kill';
  /** Lives with the machine `old` until it is interrupted, and resolves to the next that has the volume mounted. */
  recover(script: Script, old: Machine, interrupted: Promise<void>): Promise<Machine>;
}

/** It hears of the notice at once; the old machine works on until the replacement lets us in. */
export const serial: Way = {
  name: 'ordered at the notice, moved step by step',
  how: 'notice',
  async recover(script, old, interrupted) {
    await interrupted;
    const fresh = await script.launch();
    await script.unmount(old);
    await script.detach(old);
    await script.takeVolume(fresh);
    await script.end(old);
    return fresh;
  },
};

/** It looks whether its machine still runs, so the loss may come at any moment between two looks. */
export const cold: Way = {
  name: 'cold relaunch after the loss',
  how: 'kill',
  async recover(script, old) {
    await script.untilLost(old);
    const fresh = await script.launch();
    await script.takeVolume(fresh);
    return fresh;
  },
};

/** The same cases, met in that way; `tell` hears of each. */
export async function recoverWithScript(
  { how, recover }: Way,
  scene: Scene,
  plan: readonly (readonly Case[])[],
  tell: (one: Measured) => void,
): Promise<void> {
  await Promise.all(
    plan.map(async (cases, portal) => {
      const script = createScript(scene, portal);
      let machine = await script.launch();
      await script.takeVolume(machine);
      await scene.begin(portal, machine.address);
      for (const one of cases) {
        const interrupted = sleep(one.pauseMs);
        const [measured, next] = await Promise.all([
          interrupted.then(() => scene.interrupt(portal, one, how)),
          recover(script, machine, interrupted),
        ]);
        tell(measured);
        machine = next;
      }
    }),
  );
}
