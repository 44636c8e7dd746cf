// Keeps one thing armed that is used once, so that it is there when it is wanted: arms it, and arms the next one when that
// was used, has ended, or has waited too long. Owns what is armed and its session of the shared connection.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelTransport } from '../portal/gateways.ts';
import { lookAt } from './local-source.ts';
import type { Log } from './log.ts';
import type { Sessions } from './sessions.ts';

export interface Armed {
  /** False once it was used, or has ended. */
  isArmed(): boolean;
  /** Ends it; what is under way has a short time for it. Resolves once nothing of it runs. */
  end(): Promise<void>;
}

export interface ArmingParts<Thing extends Armed> {
  readonly transport: ChannelTransport;
  readonly sessions: Sessions;
  readonly log: Log;
  /** A folder that it enters when it is armed. */
  readonly root?: string;
  /** It is armed anew after so long; absent where it can wait for ever. */
  readonly lifeMs?: number;
  /** Arms it; `disarmed` is to be called when it ends before it was used. May throw. */
  readonly arm: (transport: ChannelTransport, disarmed: () => void) => Promise<Thing>;
  /** Called once nothing is armed any more, and nothing will be. */
  readonly over?: () => Promise<void>;
}

export interface Slot<Thing extends Armed> {
  isArmed(): boolean;
  /** Uses what is armed, until `work` resolves; undefined if nothing is, or another folder has come in the root's place. */
  use<Result>(work: (thing: Thing) => Promise<Result>): Promise<Result | undefined>;
  close(): Promise<void>;
}

const shortestRetryMs = 1000;
const longestRetryMs = 60_000;

interface Current<Thing> {
  readonly thing: Thing;
  /** Of the root that it has entered; another folder may come in its place. */
  readonly inode: number;
  /** Ends its use. */
  readonly release: () => void;
}

/** Begins to arm. */
export function keepArmed<Thing extends Armed>(parts: ArmingParts<Thing>): Slot<Thing> {
  const closing = new AbortController();
  const { signal } = closing;
  let current: Current<Thing> | undefined;
  let using: Promise<unknown> = Promise.resolve();

  const inodeOfRoot = async (): Promise<number> =>
    parts.root === undefined ? 0 : (await lookAt(parts.root)).inode;
  /** Arms once and keeps it until it is of no use any more; resolves to whether it did well. */
  const armOnce = async (transport: ChannelTransport): Promise<boolean> => {
    const inode = await inodeOfRoot();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const thing = await parts.arm(transport, () => resolve(false));
    current = { thing, inode, release: () => resolve(true) };
    // Whoever uses it may take longer.
    const outlived = (): void => {
      if (thing.isArmed()) resolve(true);
    };
    const timer = parts.lifeMs === undefined ? undefined : setTimeout(outlived, parts.lifeMs);
    signal.addEventListener('abort', current.release, { once: true });
    if (signal.aborted) current.release();
    const isWell = await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', current.release);
    current = undefined;
    await thing.end();
    await using;
    return isWell;
  };
  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; ) {
      const session = parts.sessions.take(parts.transport);
      const isWell = await armOnce(session.transport)
        .catch((error: unknown) => {
          parts.log.debug({ err: error }, 'nothing could be armed');
          return false;
        })
        .finally(session.giveBack);
      failures = isWell ? 0 : failures + 1;
      const pauseMs =
        failures === 0 ? 0 : Math.min(shortestRetryMs * 2 ** Math.min(failures - 1, 10), longestRetryMs);
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
    await parts.over?.();
  };
  const running = run().catch((error: unknown) =>
    parts.log.warn({ err: error }, 'nothing is armed any more'),
  );

  return {
    isArmed: () => current?.thing.isArmed() === true,
    async use(work) {
      const used = current;
      if (used === undefined) return undefined;
      const isSame = (await inodeOfRoot()) === used.inode;
      if (!used.thing.isArmed()) return undefined;
      const done = isSame ? work(used.thing) : undefined;
      using = Promise.resolve(done).catch(() => {}); // its caller hears of it
      try {
        return await done;
      } finally {
        used.release();
      }
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}
