// One armed batch: an rsync here that waits for names and writes the batch, an rsync on the instance that waits for the
// batch and applies it, and between them a named pipe and a session of the shared SSH connection. Everything that takes
// round trips and start-up time is over before a file is saved. It is used once.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelTransport } from '../portal/gateways.ts';
import { withStreams } from '../with-streams.ts';
import { readerScript, writerWords } from './batch-arguments.ts';
import { isRunning, signalGroup } from './child.ts';
import { escaped } from './escaped-line.ts';
import type { Armed } from './keep-armed.ts';
import { mountCheck } from './mount-check.ts';

export interface ArmedPair extends Armed {
  /**
   * Sends the files of these names, relative to the root. Resolves once both ends have ended: to `applied`, or to what
   * went wrong.
   */
  send(names: readonly string[]): Promise<string>;
}

export interface PairParts {
  readonly transport: ChannelTransport;
  /** With a slash at its end. */
  readonly localRoot: string;
  readonly remoteRoot: string;
  readonly protocol: number;
  /** The source is one file in the root. */
  readonly file?: string;
  /** A named pipe of this pair alone, and an empty folder. */
  readonly files: { readonly batch: string; readonly empty: string };
  readonly environment: NodeJS.ProcessEnv;
  /** Called when an end ends before it was sent. */
  readonly disarmed: () => void;
}

const sendTimeoutMs = 60_000;
const graceMs = 2000;

/** Throws PortalError `resources`, or what keeps the named pipe from being opened. */
export function armPair(parts: PairParts): ArmedPair {
  const { transport, files, environment } = parts;
  // Opened before the writer opens it, which else would wait; and without waiting for it.
  const batch = readingSocket(openSync(files.batch, constants.O_RDONLY | constants.O_NONBLOCK));
  const start = ([program = '', ...words]: readonly string[]): ChildProcess =>
    withStreams(
      spawn(program, words, {
        env: environment,
        cwd: '/',
        detached: true,
        stdio: ['pipe', 'ignore', 'pipe'],
      }),
    );
  const started: ChildProcess[] = [];
  try {
    const script = readerScript(mountCheck(transport.mounts));
    started.push(start([...transport.command, '--', transport.destination, `exec sh -c '${script}'`]));
    started.push(start(writerWords(parts.localRoot, files, parts.protocol)));
  } catch (error) {
    batch.destroy();
    for (const child of started) {
      child.on('error', () => {}); // what is thrown says enough
      signalGroup(child.pid, 'SIGTERM');
    }
    throw error;
  }
  const [reader, writer] = started as [ChildProcess, ChildProcess];
  // All of the writer's processes, since they share the named pipe; of the reader only its own, since the shared
  // connection holds its streams, too, and for longer than it lives.
  const ends = [ended(writer, 'close'), ended(reader, 'exit')] as const;
  const over = Promise.all(ends);
  // Without its reader nobody takes the batch, and the writer would wait for that.
  void ends[1].then(() => batch.destroy());
  const namePrefix = parts.file === undefined ? './' : '';
  let state: 'armed' | 'sent' | 'over' = 'armed';

  reader.stdin?.on('error', () => {}); // its end is told by its code
  writer.stdin?.on('error', () => {});
  reader.stdin?.write(`${escaped(parts.remoteRoot)}\n`);
  batch.on('error', () => batch.destroy());
  if (reader.stdin !== null) batch.pipe(reader.stdin);

  const kill = async (signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGKILL']): Promise<void> => {
    for (const signal of signals) {
      for (const child of [writer, reader]) if (isRunning(child)) signalGroup(child.pid, signal);
      const isOver = await Promise.race([over.then(() => true), sleep(graceMs, false, { ref: false })]);
      if (isOver) break;
    }
    batch.destroy();
    await over;
  };
  for (const end of ends) {
    void end.then(() => {
      if (state !== 'armed') return undefined;
      state = 'over';
      parts.disarmed();
      return kill();
    });
  }
  return {
    isArmed: () => state === 'armed',
    async send(names) {
      state = 'sent';
      writer.stdin?.end(names.map((name) => `${namePrefix}${name}\0`).join(''));
      const timer = setTimeout(() => void kill(), sendTimeoutMs);
      // A writer that fails leaves the reader waiting for the rest.
      const [written, read] = await Promise.all([
        ends[0].then((end) => (end.code === 0 ? end : kill().then(() => end))),
        ends[1],
      ]);
      clearTimeout(timer);
      batch.destroy();
      state = 'over';
      if (written.code === 0 && read.code === 0) return 'applied';
      // What ended the other is the one that failed by a code of its own.
      const said = read.code === null || read.code === 0 ? written : read;
      return said.stderr.trim().split('\n')[0] || `ended with code ${String(said.code)}`;
    },
    async end() {
      // Neither has begun anything that it would have to put in order, for which rsync takes half a second.
      if (state !== 'sent') {
        state = 'over';
        return kill(['SIGKILL']);
      }
      await Promise.race([over, sleep(graceMs, undefined, { ref: false })]);
      await kill();
    },
  };
}

/** A named pipe as a stream: it ends when its last writer closes it. Owns the descriptor. */
function readingSocket(descriptor: number): Socket {
  try {
    return new Socket({ fd: descriptor, readable: true, writable: false });
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

interface End {
  readonly code: number | null;
  readonly stderr: string;
}

const keptBytes = 4096;
const lateWordsMs = 200;

async function ended(child: ChildProcess, by: 'close' | 'exit'): Promise<End> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < keptBytes) stderr += text;
  });
  const closed = once(child, 'close').catch(() => undefined);
  try {
    const [code] = (await once(child, by)) as [number | null];
    if (code !== 0) await Promise.race([closed, sleep(lateWordsMs, undefined, { ref: false })]);
    child.stderr?.destroy();
    return { code, stderr };
  } catch (error) {
    return { code: null, stderr: String(error) };
  }
}
