// Watches what an inbound channel fetches: a program on the instance tells when something changed there, and sends what
// changed, through a session of its own. It ends with its standard input, so also with the connection.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExcludeRule } from '../../protocol/specification/exclude-patterns.ts';
import type { ChannelTransport } from '../portal/gateways.ts';
import { withStreams } from '../with-streams.ts';
import { isRunning, signalGroup } from './child.ts';
import { escaped, readLine } from './escaped-line.ts';
import type { Limits } from './limits.ts';
import { mountCheck } from './mount-check.ts';
import { type ReceiverParts, receiveBatches } from './receive-batches.ts';
import { watchByInotifywait } from './watch-by-inotifywait.ts';
import { watchFrames } from './watch-frames.ts';
import { watchProgram } from './watch-program.ts';

export interface RemoteWatch {
  /** Whether changes are told now. */
  isWatching(): boolean;
  isEnded(): boolean;
  /** Why they are not, once that is known. */
  trouble(): string | undefined;
  /** What is not as good as it could be. */
  remark(): string | undefined;
  /** Resolves once nothing of it runs here. */
  close(): Promise<void>;
}

export interface RemoteWatchParts {
  readonly transport: ChannelTransport;
  /** As rsync is given it. */
  readonly path: string;
  readonly isRecursive: boolean;
  /** Removals are told, too. */
  readonly deletes: boolean;
  readonly delaySeconds: number;
  /** Applies what is sent; without it, it is only told that something changed. */
  readonly batches: Batches | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => number;
  readonly limits: Limits;
  /** Something is to be fetched, or the watch began or ended: what happened in between was not told. */
  readonly changed: () => void;
  readonly ended: () => void;
}

export interface Batches extends ReceiverParts {
  /** rsync's. */
  readonly protocol: number;
  /** What rsync has before names below the source when patterns are applied, and the patterns as rules. */
  readonly prefix: string;
  readonly excludes: readonly ExcludeRule[];
}

const graceMs = 300;

const script = [
  readLine('path'),
  readLine('options'),
  readLine('prefix'),
  readLine('rules'),
  readLine('program'),
  readLine('without'),
  'command -v python3 >/dev/null || { command -v inotifywait >/dev/null || { echo nothing >&2; exit 1; }; echo telling >&2; exec sh -c "$without" sh "$path" $options; }',
  'exec python3 -c "$program" "$path" $options "$prefix" "$rules"',
].join('; ');

const troubles: Readonly<Record<string, string>> = {
  limit:
    'the instance watches no more folders (raise fs.inotify.max_user_watches there); looking every delay instead',
  file: 'the source is one file, which is not watched on the instance; looking every delay instead',
  nothing: 'there is no python3 on the instance to watch with; looking every delay instead',
};

const remarks: Readonly<Record<string, string>> = {
  telling:
    'there is no python3 on the instance: inotifywait tells of changes, and each is a pass over everything',
};

/**
 * Begins to watch. Once it has ended by itself, it stays so: a new one may be begun.
 * @throws {PortalError} of kind `resources`
 */
export function watchRemote(parts: RemoteWatchParts): RemoteWatch {
  const { transport, batches, changed } = parts;
  const [ssh = '', ...words] = transport.command;
  const child = withStreams(
    spawn(
      ssh,
      [...words, '--', transport.destination, `exec sh -c '${mountCheck(transport.mounts)}${script}'`],
      {
        env: parts.environment,
        cwd: '/',
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    ),
  );
  let isWatching = false;
  let isEnded = false;
  let trouble: string | undefined;
  let remark: string | undefined;
  const flag = (value: boolean): string => (value ? '1' : '0');
  const options = [flag(parts.isRecursive), flag(parts.deletes), batches?.protocol ?? 0, parts.delaySeconds];
  child.stdin.on('error', () => {});
  const rules = asciiJson(batches?.excludes ?? []);
  const given = [
    parts.path,
    options.join(' '),
    batches?.prefix ?? '',
    rules,
    watchProgram,
    watchByInotifywait,
  ];
  child.stdin.write(given.map((text) => `${escaped(text)}\n`).join(''));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 1000) said += text;
    const last = said.trim().split('\n').at(-1) ?? '';
    trouble ??= troubles[last];
    remark ??= remarks[last];
  });
  const end = (): void => {
    child.stdin.end();
    if (isRunning(child)) signalGroup(child.pid, 'SIGTERM');
  };
  const ending = new AbortController();
  const receiver =
    batches &&
    receiveBatches(batches, {
      now: parts.now,
      wholeBatchMs: parts.limits.wholeBatchMs,
      end,
      signal: ending.signal,
    });
  const follow = async (): Promise<void> => {
    try {
      for await (const frame of watchFrames(child.stdout)) {
        if (frame.kind === 'watching') isWatching = true;
        if (frame.kind === 'watching' || frame.kind === 'changed') changed();
        else if (receiver === undefined) throw new Error('the instance sends what was not asked for');
        else await receiver.take(frame);
      }
    } catch (error) {
      // What ended the stream is told by its own ways.
      if (!isEnded && error instanceof Error && !('code' in error)) {
        trouble = `${error.message}; looking every delay instead`;
      }
    } finally {
      receiver?.close();
      end();
    }
  };
  const followed = follow();
  const exited = once(child, 'exit')
    .catch(() => undefined)
    .then(async () => {
      ending.abort();
      isWatching = false;
      isEnded = true;
      child.stdout.destroy();
      await batches?.applier.close();
      await followed;
      parts.ended();
      changed();
    });
  return {
    isWatching: () => isWatching,
    isEnded: () => isEnded,
    trouble: () => trouble,
    remark: () => receiver?.remark() ?? remark,
    async close() {
      // It ends by itself with its input; what waits there for names would keep a volume from being unmounted.
      child.stdin.end();
      await Promise.race([exited, sleep(graceMs, undefined, { ref: false })]);
      end();
      await exited;
      child.stderr.destroy();
    },
  };
}

/** Whatever the locale of the instance, its Python reads this. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
