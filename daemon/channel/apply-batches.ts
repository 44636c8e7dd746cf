// Applies what an instance sends of its own accord: an rsync that waits here reads each batch, behind the guard. One batch
// at a time. It never deletes, and what it refuses is left to a pass.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { withStreams } from '../with-streams.ts';
import { inboundReaderWords, readerTimeoutSeconds } from './batch-arguments.ts';
import { createBatchGuard } from './batch-guard.ts';
import { isRunning, signalGroup } from './child.ts';
import { lookAt } from './local-source.ts';

export interface BatchApplier {
  /** A batch begins. */
  begin(): Promise<void>;
  /** The next bytes of it; resolves when more can be taken. Never rejects. */
  take(bytes: Buffer): Promise<void>;
  /** It is over; `code` is that of its writer. Resolves to `applied`, or to why it was not. Never rejects. */
  end(code: number): Promise<string>;
  /** Ends what waits or runs. */
  close(): Promise<void>;
}

interface Reader {
  readonly child: ChildProcess;
  /** Once all of its processes are gone. */
  readonly exited: Promise<number | null>;
  readonly isOver: () => boolean;
  /** Of the folder that it writes to; another may come in its place. */
  readonly inode: number;
  readonly startedAt: number;
}

/** One that has waited for longer may be about to give up. */
const freshMs = (readerTimeoutSeconds - 20) * 1000;
const graceMs = 1000;
const longestBatchMs = 60_000;
/** From the end of the bytes to the reader's: what was cut makes it wait for the rest. */
const longestEndMs = 5000;

/**
 * Ends a reader by the first of the signals that does it. SIGTERM lets rsync remove what it has begun, which takes it half a
 * second: one that only waits has begun nothing.
 */
async function end(reader: Reader | undefined, signals: readonly NodeJS.Signals[]): Promise<void> {
  if (reader === undefined) return;
  const { child, exited, isOver } = reader;
  for (const signal of signals) {
    if (isOver()) return;
    signalGroup(child.pid, signal);
    await Promise.race([exited, sleep(graceMs, undefined, { ref: false })]);
  }
  await exited;
}

/** Starts the rsync that waits. `localRoot` ends with a slash. */
export function applyBatches(
  localRoot: string,
  { environment, now }: { environment: NodeJS.ProcessEnv; now: () => number },
): BatchApplier {
  let isClosed = false;
  let waiting = startAhead();
  let current: Reader | undefined;
  let guard = createBatchGuard();
  let problem: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Undefined if it could not be started: that is tried again, and told, when one is needed. */
  function startAhead(): Promise<Reader | undefined> {
    return start().catch(() => undefined);
  }
  async function start(): Promise<Reader> {
    const { inode } = await lookAt(localRoot);
    const [program = '', ...words] = inboundReaderWords(localRoot);
    const child = withStreams(
      spawn(program, words, {
        env: environment,
        cwd: '/',
        detached: true,
        stdio: ['pipe', 'ignore', 'pipe'],
      }),
    );
    child.stderr.resume();
    child.stdin.on('error', () => {}); // its code tells
    let isOver = false;
    // They share that stream.
    const exited = once(child, 'close')
      .then(
        ([code]) => code as number | null,
        () => null,
      )
      .finally(() => {
        isOver = true;
      });
    return { child, exited, isOver: () => isOver, inode, startedAt: now() };
  }
  const refuse = async (why: string): Promise<void> => {
    problem ??= why;
    await end(current, ['SIGTERM', 'SIGKILL']);
  };

  return {
    async begin() {
      guard = createBatchGuard();
      problem = undefined;
      let reader = await waiting;
      waiting = Promise.resolve(undefined);
      const isOld = reader !== undefined && now() - reader.startedAt > freshMs;
      if (reader === undefined || isOld || !isRunning(reader.child)) {
        await end(reader, ['SIGKILL']);
        reader = await start();
      }
      current = reader;
      // Closed while it was waited for: nobody else would end it.
      if (isClosed) return await refuse('it is over');
      timer = setTimeout(() => void refuse('it took too long'), longestBatchMs);
      if ((await lookAt(localRoot)).inode !== reader.inode) await refuse('the folder here was replaced');
    },
    async take(bytes) {
      const { child, exited } = current ?? {};
      if (child?.stdin == null || problem !== undefined) return;
      try {
        const isRoom = child.stdin.write(guard.pass(bytes));
        if (!isRoom) await Promise.race([once(child.stdin, 'drain').catch(() => {}), exited]);
      } catch (error) {
        await refuse(error instanceof Error ? error.message : String(error));
      }
    },
    async end(code) {
      const reader = current;
      if (reader === undefined) return 'none was begun';
      if (code !== 0) await refuse(`rsync on the instance ended with code ${code}`);
      reader.child.stdin?.end();
      // Not when it began: starting a program would hold up its bytes.
      if (!isClosed) waiting = startAhead();
      clearTimeout(timer);
      timer = setTimeout(() => void refuse('it is not whole'), longestEndMs);
      const read = await reader.exited;
      clearTimeout(timer);
      current = undefined;
      return problem ?? (read === 0 ? 'applied' : `rsync ended with code ${String(read)}`);
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await end(current, ['SIGTERM', 'SIGKILL']);
      await end(await waiting, ['SIGKILL']);
      waiting = Promise.resolve(undefined);
    },
  };
}
