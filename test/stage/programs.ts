// Starting the three programs as a user's shell would: those that `npm test` has built, else from their sources.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Program = 'daemon' | 'client' | 'sandbox';
export type Environment = Readonly<Record<string, string>>;

export function programPath(program: Program): string {
  const built = process.env['PORTALD_TEST_PROGRAMS'];
  if (built !== undefined) return join(built, program, 'bin.cjs');
  return join(import.meta.dirname, `../../${program}/bin.ts`);
}

/** What each environment of a program has besides what a test is about: where Node keeps compiled code, if anywhere. */
export const commonEnvironment: Environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name === 'NODE_COMPILE_CACHE'),
) as Environment;

export interface Finished {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and collects what it printed. */
export async function runToEnd(
  command: string,
  words: readonly string[],
  options: { env: Environment; cwd?: string; input?: string; started?: (child: ChildProcess) => void },
): Promise<Finished> {
  const child = spawn(command, words, {
    env: { ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  options.started?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}

/** The first line of `stream` that `wanted` accepts, as JSON; rejects with what was printed if the program ends first. */
export async function firstLine<T>(
  child: ChildProcess,
  stream: NodeJS.ReadableStream,
  wanted: (value: unknown) => T | undefined,
): Promise<T> {
  const printed: string[] = [];
  child.stderr?.on('data', (bytes: Buffer) => printed.push(bytes.toString()));
  const lines = createInterface({ input: stream });
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => {
      reject(new Error(`ended (${code ?? signal}) before it was ready: ${printed.join('')}`));
    });
    lines.on('line', (line) => {
      printed.push(`${line}\n`);
      if (printed.length > 1000) printed.shift();
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        return;
      }
      const found = wanted(value);
      if (found !== undefined) resolve(found);
    });
  });
}
