// One child process with its own process group, which ends, children and all, when its work is called off.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { withStreams } from '../with-streams.ts';

export interface ChildResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  /** The last part of it. */
  readonly stdout: string;
  /** The first part of it: what went wrong first. */
  readonly stderr: string;
}

export interface ChildOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Called with each piece of its standard output. */
  readonly told?: (text: string) => void;
  /** Called with its process id. */
  readonly started?: (pid: number) => void;
}

export interface StartedChild {
  /** To be ended by the caller; it may end without reading. */
  readonly stdin: Writable;
  /** Resolves as soon as it has exited, or could not be started; what it said may still come. */
  readonly exited: Promise<void>;
  /** Ends it at once, its process group with it. */
  kill(): void;
  /** Resolves once it is gone; rejects only if it could not be started. */
  readonly result: Promise<ChildResult>;
}

const killAfterMs = 5000;
const keptBytes = 64 * 1024;
const lateWordsMs = 1000;

/** Runs a program to its end with `input`, as `startChild`; rejects also with what that throws. */
export async function runChild(
  words: readonly string[],
  { input = '', ...options }: ChildOptions & { readonly input?: string },
): Promise<ChildResult> {
  const { stdin, result } = startChild(words, options);
  stdin.end(input);
  return result;
}

/**
 * Starts a program. When `signal` aborts, its process group gets SIGTERM, and SIGKILL 5 s later. Throws PortalError
 * `resources`.
 */
export function startChild(words: readonly string[], options: ChildOptions): StartedChild {
  const [program = '', ...programArguments] = words;
  const child = withStreams(
    spawn(program, programArguments, {
      env: options.environment,
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
  child.stdin.on('error', () => {}); // it may end without reading
  if (child.pid !== undefined) options.started?.(child.pid);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const result = new Promise<ChildResult>((resolve, reject) => {
    let killTimer: NodeJS.Timeout | undefined;
    let lateTimer: NodeJS.Timeout | undefined;
    const end = (): void => {
      signalGroup(child.pid, 'SIGTERM');
      killTimer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), killAfterMs);
    };
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      // rsync tells each small file: not cut at every piece.
      stdout += text;
      if (stdout.length > 2 * keptBytes) stdout = stdout.slice(-keptBytes);
      options.told?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < keptBytes) stderr += text;
    });
    child.once('error', (error) => {
      options.signal.removeEventListener('abort', end);
      reject(error);
    });
    // The shared SSH connection holds the streams, too: they may stay open for longer than the child lives.
    child.once('exit', () => {
      lateTimer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, lateWordsMs);
    });
    child.once('close', (code) => {
      clearTimeout(killTimer);
      clearTimeout(lateTimer);
      options.signal.removeEventListener('abort', end);
      resolve({ code, stdout, stderr });
    });
    if (options.signal.aborted) end();
    else options.signal.addEventListener('abort', end, { once: true });
  });
  const kill = (): void => {
    // The system gives the id of one that is gone to another process.
    if (isRunning(child)) signalGroup(child.pid, 'SIGKILL');
  };
  return { stdin: child.stdin, exited, kill, result };
}

/** Signals a process group, if it is still there. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone.
  }
}

export function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
