// Runs a program of the system to its end: a service manager's client.
import { execFile } from 'node:child_process';
import { PortalError } from '../../protocol/errors.ts';
import type { Environment } from '../../protocol/paths.ts';

export interface ToolResult {
  /** 127 if there is no such program, 1 if it was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than a service may take to end. */
const timeoutMs = 120_000;

/** Runs it in the C locale; never throws. */
export function runTool(
  program: string,
  words: readonly string[],
  environment: Environment,
): Promise<ToolResult> {
  const env = { ...environment, LC_ALL: 'C' };
  return new Promise((resolve) => {
    execFile(program, words, { env, timeout: timeoutMs, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else resolve({ code: error.code === 'ENOENT' ? 127 : 1, stdout, stderr: stderr || error.message });
    });
  });
}

/** Runs it; throws PortalError `service` with what it said if it fails. `hint`: what to do then. */
export async function mustRun(
  program: string,
  words: readonly string[],
  environment: Environment,
  hint?: string,
): Promise<string> {
  const { code, stdout, stderr } = await runTool(program, words, environment);
  if (code === 0) return stdout;
  const [said = `exit code ${code}`] = stderr.split('\n').filter((line) => line.trim() !== '');
  throw new PortalError(
    'service',
    `${[program, ...words].join(' ')} failed: ${said}`,
    hint === undefined ? {} : { hint },
  );
}
