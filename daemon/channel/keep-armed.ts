// One place of an express: arms a pair, and arms the next one when that was used, has ended, or has waited too long. Owns
// the pair, its named pipe and its session of the shared connection.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SshTransport } from '../portal/gateways.ts';
import { type ArmedPair, armPair } from './armed-pair.ts';
import { type Roots, readerTimeoutSeconds } from './batch-arguments.ts';
import { lookAt } from './local-source.ts';
import type { Log } from './log.ts';
import type { Sessions } from './sessions.ts';

export interface ExpressParts extends Roots {
  readonly transport: SshTransport;
  readonly protocol: number;
  /** A folder of this daemon's, for named pipes. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly sessions: Sessions;
  readonly log: Log;
}

export interface Slot {
  isArmed(): boolean;
  /** Resolves to `applied`, or to why it was not. */
  send(names: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** A pair is armed anew before its reader gives up waiting. */
const rearmMs = (readerTimeoutSeconds - 20) * 1000;
const shortestRetryMs = 1000;
const longestRetryMs = 60_000;

interface Armed {
  readonly pair: ArmedPair;
  /** Of the root that the writer has entered; another folder may come in its place. */
  readonly inode: number;
  /** Ends its use. */
  readonly release: () => void;
}

/** Begins to arm. */
export function keepArmed(parts: ExpressParts): Slot {
  const closing = new AbortController();
  const { signal } = closing;
  const root = `${parts.localRoot.replace(/\/+$/, '')}/`;
  let current: Armed | undefined;
  let sending: Promise<unknown> = Promise.resolve();

  /** Arms a pair once and keeps it until it is of no use any more; resolves to whether it did well. */
  const armOnce = async (
    transport: SshTransport,
    files: { batch: string; empty: string },
  ): Promise<boolean> => {
    const { inode } = await lookAt(root);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const pair = armPair({ ...parts, transport, localRoot: root, files, disarmed: () => resolve(false) });
    current = { pair, inode, release: () => resolve(true) };
    const timer = setTimeout(() => resolve(true), rearmMs);
    signal.addEventListener('abort', current.release, { once: true });
    if (signal.aborted) current.release();
    const isWell = await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', current.release);
    current = undefined;
    await pair.end();
    await sending;
    return isWell;
  };
  const run = async (): Promise<void> => {
    const folder = await mkdtemp(join(parts.folder, 'pair-'));
    const files = { batch: join(folder, 'batch'), empty: join(folder, 'empty') };
    try {
      await mkdir(files.empty);
      await promisify(execFile)('mkfifo', ['-m', '600', files.batch], { env: parts.environment });
      for (let failures = 0; !signal.aborted; ) {
        const session = parts.sessions.take(parts.transport);
        const isWell = await armOnce(session.transport, files)
          .catch((error: unknown) => {
            parts.log.debug({ err: error }, 'a pair could not be armed');
            return false;
          })
          .finally(session.giveBack);
        failures = isWell ? 0 : failures + 1;
        const pauseMs =
          failures === 0 ? 0 : Math.min(shortestRetryMs * 2 ** Math.min(failures - 1, 10), longestRetryMs);
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  const running = run().catch((error: unknown) => parts.log.warn({ err: error }, 'saves go by passes only'));

  return {
    isArmed: () => current?.pair.isArmed() === true,
    async send(names) {
      const used = current;
      if (used === undefined) return 'it is not armed';
      const isSame = (await lookAt(root)).inode === used.inode;
      const sent = isSame ? used.pair.send(names) : Promise.resolve('the source was replaced');
      sending = sent;
      const problem = await sent;
      used.release();
      return problem ?? 'applied';
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}
