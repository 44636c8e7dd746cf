// The short way of a save: keeps pairs armed for one channel over one transport, and sends the files that changed by one
// of them. It never deletes, and what it cannot do is left to a pass; so it may always give up.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ArmedPair, armPair, type PairParts } from './armed-pair.ts';
import { type Roots, readerTimeoutSeconds } from './batch-arguments.ts';
import { type ArmingParts, keepArmed, type Slot } from './keep-armed.ts';
import { batchName, pairPrefix } from './release-writers.ts';

export interface ExpressParts extends Roots, Pick<ArmingParts<ArmedPair>, 'transport' | 'sessions' | 'log'> {
  readonly protocol: number;
  /** A folder of this daemon's, for named pipes. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

export interface Express {
  /** Whether a batch can be sent now. */
  isArmed(): boolean;
  /** Sends these files, relative to the source; resolves to whether they have arrived. Never rejects. */
  send(names: readonly string[]): Promise<boolean>;
  /** Ends every pair; a batch under way has a short time for it. Resolves once nothing of it runs. */
  close(): Promise<void>;
}

/** One is sent while the next is armed. */
const pairs = 2;

/** A pair is armed anew before its reader gives up waiting. */
const lifeMs = (readerTimeoutSeconds - 20) * 1000;

/** Starts arming. */
export function createExpress(parts: ExpressParts): Express {
  const root = `${parts.localRoot.replace(/\/+$/, '')}/`;
  const slots: readonly Slot<ArmedPair>[] = Array.from({ length: pairs }, () => {
    const files = pairFiles(parts);
    return keepArmed({
      ...parts,
      root,
      lifeMs,
      async arm(transport, disarmed) {
        return armPair({ ...parts, transport, localRoot: root, files: await files.made(), disarmed });
      },
      over: files.remove,
    });
  });
  const armed = (): Slot<ArmedPair> | undefined => slots.find((slot) => slot.isArmed());
  return {
    isArmed: () => armed() !== undefined,
    async send(names) {
      const problem = (await armed()?.use((pair) => pair.send(names))) ?? 'none is armed on this source';
      if (problem === 'applied') return true;
      parts.log.debug({ problem, files: names.length }, 'a batch was not applied');
      return false;
    },
    async close() {
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

/** What all pairs of one slot use, one after the other. */
function pairFiles({ folder, environment }: ExpressParts): {
  /** Makes them, once. */
  made(): Promise<PairParts['files']>;
  remove(): Promise<void>;
} {
  let making: Promise<PairParts['files']> | undefined;
  let place: string | undefined;
  const make = async (): Promise<PairParts['files']> => {
    place ??= await mkdtemp(join(folder, pairPrefix));
    const files = { batch: join(place, batchName), empty: join(place, 'empty') };
    await mkdir(files.empty, { recursive: true });
    await promisify(execFile)('mkfifo', ['-m', '600', files.batch], { env: environment });
    return files;
  };
  return {
    made() {
      making ??= make().catch((error: unknown) => {
        making = undefined;
        throw error;
      });
      return making;
    },
    async remove() {
      await making?.catch(() => {}); // told where it was needed
      if (place !== undefined) await rm(place, { recursive: true, force: true });
    },
  };
}
