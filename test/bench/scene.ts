// What every way of recovering plays on: a sandbox of its own, the user's writer on each instance, interruptions, and
// what each of them cost.
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownDelays, type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import type { Case } from './plan.ts';
import { mountPoint, typesOf, volumeOf, worldOf, zone } from './region.ts';
import { startWriter, type WriteAgain, writtenFile } from './writer.ts';

/** An instance as the sandbox shows it. */
interface Instance {
  readonly instanceId: string;
  readonly state: string;
  readonly publicAddress: string;
  readonly cloudInitAtMs?: number;
  readonly specification: { readonly instanceType: string };
}

interface State {
  readonly instances: readonly Instance[];
  readonly volumes: readonly {
    readonly volumeId: string;
    readonly drawnMs: { attach?: number; detach?: number };
  }[];
}

export interface Measured {
  readonly portal: number;
  readonly refused: boolean;
  /** What the volume itself took to be detached and attached. */
  readonly limitMs: number;
  /** How long nobody could write to it. */
  readonly blockedMs: number;
}

export interface Scene {
  readonly stage: ProgramsFixture;
  /** Lets the writer begin on the instance that has the portal's volume mounted. */
  begin(portal: number, address: string): Promise<void>;
  /** Interrupts the instance that the writer of the portal is on, and resolves once one on another can write. */
  interrupt(portal: number, one: Case, how: 'notice' | 'kill'): Promise<Measured>;
  /** When the first interruption came, milliseconds; infinity before. */
  interruptedAt(): number;
  end(): Promise<void>;
}

const lookEveryMs = 500;
/** A portal on which nobody can write for so long is not coming back. */
const patienceMs = 10 * 60_000;

export async function setScene(prefix: string, seed: number, portals: number): Promise<Scene> {
  const stage = await startProgramsFixture(prefix, worldOf(seed, portals), ownDelays);
  const owners = new Map(
    Array.from({ length: portals }, (_, portal) =>
      typesOf(portal).map((type) => [type, portal] as const),
    ).flat(),
  );
  const ending = new AbortController();
  const writers = new Map<string, ChildProcess>();
  /** By portal: where it was written last, and who waits for it to be written elsewhere. */
  const written = new Map<number, { instance: Instance; told: WriteAgain }>();
  const waiting = new Map<number, () => void>();
  let interruptedAt = Number.POSITIVE_INFINITY;

  const follow = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const { instances } = await stage.control.get<State>('state');
      for (const instance of instances) {
        const isUp = instance.state === 'running' && (instance.cloudInitAtMs ?? Infinity) <= Date.now();
        if (!isUp || writers.has(instance.instanceId)) continue;
        const portal = owners.get(instance.specification.instanceType) ?? -1;
        const writer = startWriter(stage.ssh(instance.publicAddress), (told) => {
          written.set(portal, { instance, told });
          waiting.get(portal)?.();
        });
        writers.set(instance.instanceId, writer);
      }
      await sleep(lookEveryMs);
    }
  };
  const following = follow().catch(() => undefined);

  const untilWritten = (portal: number, except?: string): Promise<{ instance: Instance; told: WriteAgain }> =>
    new Promise((resolve, reject) => {
      const words = `nobody can write to the volume of portal ${portal + 1}`;
      const limit = setTimeout(() => reject(new Error(words)), patienceMs);
      const look = (): void => {
        const found = written.get(portal);
        if (found === undefined || found.instance.instanceId === except) return;
        clearTimeout(limit);
        waiting.delete(portal);
        resolve(found);
      };
      waiting.set(portal, look);
      look();
    });

  const refuse = async (instanceType: string, forMs: number): Promise<void> => {
    await stage.control.post('capacity', { instanceType, zone, available: 0 });
    const over = sleep(forMs, undefined, { signal: ending.signal }).then(() =>
      stage.control.post('capacity', { instanceType, zone, available: 'unlimited' }),
    );
    over.catch(() => undefined);
  };

  return {
    stage,
    async begin(portal, address) {
      const told = await stage.onInstance(
        address,
        `findmnt --mountpoint ${mountPoint} >/dev/null && printf 0 > ${writtenFile}`,
      );
      if (told.code !== 0) throw new Error(`the volume is not mounted: ${told.stderr}`);
      await untilWritten(portal);
    },
    async interrupt(portal, { refusesMs }, how) {
      const { instance: old } = await untilWritten(portal);
      interruptedAt = Math.min(interruptedAt, Date.now());
      if (refusesMs > 0) await refuse(old.specification.instanceType, refusesMs);
      await stage.control.post(how, { instanceId: old.instanceId });
      const { told } = await untilWritten(portal, old.instanceId);
      const { volumes } = await stage.control.get<State>('state');
      const drawn = volumes.find((one) => one.volumeId === volumeOf(portal))?.drawnMs;
      return {
        portal,
        refused: refusesMs > 0,
        limitMs: (drawn?.detach ?? 0) + (drawn?.attach ?? 0),
        blockedMs: told.first - told.last,
      };
    },
    interruptedAt: () => interruptedAt,
    async end() {
      ending.abort();
      await following;
      await stage.end();
    },
  };
}
