// A program of a peer, with all that it starts.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const killAfterMs = 5000;

/** Runs it in a process group of its own until it is disposed of. */
export function startProgram(
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): AsyncDisposable {
  const child = spawn(program, words, { env: environment, stdio: 'ignore', detached: true });
  const exited = once(child, 'exit');
  exited.catch(() => {}); // it could not be started: nothing arrives, and that is seen
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, signal);
  };
  return {
    async [Symbol.asyncDispose]() {
      end('SIGTERM');
      const timer = setTimeout(() => end('SIGKILL'), killAfterMs);
      await exited.catch(() => {});
      clearTimeout(timer);
    },
  };
}

/** Ends them in this order. */
export function together(...running: readonly AsyncDisposable[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      for (const one of running) await one[Symbol.asyncDispose]();
    },
  };
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
