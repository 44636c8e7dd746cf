// Runs a small program of this machine and takes what it prints.
import { execFile } from 'node:child_process';
import type { Environment } from '../../protocol/paths.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const timeoutMs = 5000;

/** Undefined when there is no such program, or when it does not end. */
export function run(
  program: string,
  words: readonly string[],
  environment: Environment,
): Promise<Ran | undefined> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      words,
      { env: { ...environment }, timeout: timeoutMs },
      (error, stdout, stderr) => {
        if (error === null) resolve({ code: 0, stdout, stderr });
        else resolve(typeof error.code === 'number' ? { code: error.code, stdout, stderr } : undefined);
      },
    );
    child.stdin?.end();
  });
}
