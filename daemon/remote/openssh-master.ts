// The OpenSSH connection that all rsync channels of an instance share. It is one child process that ends with our pipe:
// when portald dies, by whatever signal, the pipe closes, and all that uses the connection ends with it.
import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { visibleText } from '../../protocol/visible-text.ts';
import { withStreams } from '../with-streams.ts';
import type { Log } from './log.ts';
import { masterArguments, type OpenSshSettings } from './openssh-options.ts';
import { createOutputTail } from './output-tail.ts';

export interface OpenSshMaster {
  /** Whether the shared connection can be used. */
  isUp(): boolean;
  /** Resolves once the process is gone. Idempotent. */
  close(): Promise<void>;
}

export interface MasterParts {
  readonly settings: OpenSshSettings;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Called when `isUp()` or `trouble` changed. */
  readonly changed: (trouble: string | undefined) => void;
}

const readyLine = 'portald:shared';
const remoteCommand = `exec sh -c 'echo ${readyLine}; exec cat >/dev/null'`;
// By itself ssh would wait for those that still use the connection, and a transfer would go on for as long as it takes.
// It is asked over its own socket, so that nothing else can be meant. The shell that asks holds descriptor 4 (ssh
// itself closes what it is given beyond 2, and must not take the shell's place): only when that is closed, too, both are gone.
const endingWithPipe =
  'exec 3<&0; { cat <&3 3<&-; ssh -O exit -o ControlMaster=no "$@"; :; } >/dev/null 2>&1 & exec ssh "$@" <&3 3<&- 4>&-';
const startTimeoutMs = 20_000;
const killAfterMs = 2000;
const shortestPauseMs = 500;
const longestPauseMs = 15_000;

/** Holds a shared connection until `close()`, restarting it when it ends. */
export function startOpenSshMaster({ settings, environment, log, changed }: MasterParts): OpenSshMaster {
  const closing = new AbortController();
  let up = false;
  /** Until an ssh is met that lacks one of our ciphers, and refuses them all. */
  let isChoosing = true;

  const whenUp = (): void => {
    up = true;
    changed(undefined);
  };
  const run = async (): Promise<void> => {
    let pauseMs = shortestPauseMs;
    while (!closing.signal.aborted) {
      const words = masterArguments(settings, isChoosing);
      const trouble = await runOnce(settings.controlPath, words, environment, closing.signal, () => {
        pauseMs = shortestPauseMs;
        whenUp();
      }).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      up = false;
      if (closing.signal.aborted) return;
      if (/\bcipher spec\b/i.test(trouble)) isChoosing = false;
      log.warn({ instance: settings.target.instanceId, trouble }, 'the shared OpenSSH connection ended');
      changed(trouble);
      await sleep(pauseMs, undefined, { signal: closing.signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  };

  const running = run();
  return {
    isUp: () => up,
    async close() {
      closing.abort();
      up = false;
      await running;
    },
  };
}

/** One process, from its start to its end; resolves with what it complained about. */
async function runOnce(
  controlPath: string,
  options: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  ready: () => void,
): Promise<string> {
  // A socket that a killed predecessor left would make ssh do without sharing.
  await rm(controlPath, { force: true });
  if (signal.aborted) return '';
  const words = [...options, remoteCommand];
  const child = withStreams(
    spawn('sh', ['-c', endingWithPipe, 'ssh', ...words], {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe', 'ignore', 'pipe'],
    }),
  );
  const stdout = createOutputTail(`${readyLine}\n`);
  const stderr = createOutputTail();
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  // 'close' waits for it.
  const held = child.stdio[4];
  if (held instanceof Readable) held.resume();
  child.stdin?.on('error', () => {}); // it ended; 'close' follows
  child.once('error', (error) => resolve(error.message));
  child.once('close', (code) => {
    resolve(visibleText(stderr.text().trim().slice(0, 500)) || `ssh ended with code ${code}`);
  });
  child.stderr?.on('data', (bytes: Buffer) => stderr.push(bytes));
  child.stdout?.on('data', (bytes: Buffer) => {
    const before = stdout.isBegun();
    stdout.push(bytes);
    if (before || !stdout.isBegun()) return;
    clearTimeout(startTimer);
    ready();
  });
  const end = (): void => endChild(child);
  const startTimer = setTimeout(end, startTimeoutMs);
  let askingTimer: NodeJS.Timeout | undefined;
  // Should the one who asks hang, it is not waited for without end.
  child.once('exit', () => (askingTimer = setTimeout(resolve, killAfterMs, 'ssh ended')));
  signal.addEventListener('abort', end, { once: true });
  try {
    return await ended;
  } finally {
    clearTimeout(startTimer);
    clearTimeout(askingTimer);
    signal.removeEventListener('abort', end);
  }
}

function endChild(child: ChildProcess): void {
  child.kill('SIGTERM');
  const killTimer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  child.once('exit', () => clearTimeout(killTimer));
}
