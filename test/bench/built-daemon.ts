// portald as it is installed: built, started, and looked at from outside.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, connectTo } from '../../client/connection.ts';
import { protocolVersion } from '../../protocol/methods.ts';
import type { Environment } from '../fixture/programs.ts';

const root = join(import.meta.dirname, '../..');
export const builtClient = join(root, 'dist/client/bin.cjs');

/** Builds what would be installed. */
export function build(): void {
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`npm run build: ${built.stderr}`);
}

export interface BuiltDaemon {
  readonly child: ChildProcess;
  /** From its start until it greeted a client. */
  readonly readyMs: number;
  readonly connection: Connection;
  /** Seconds of CPU that it has used, without its children. */
  cpuSeconds(): number;
  /** What it holds of memory, without its children. */
  memoryMiB(): { rss: number; pss: number };
  end(): Promise<void>;
}

export async function startBuiltDaemon(env: Environment): Promise<BuiltDaemon> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/daemon/bin.cjs')], {
    env: { ...env },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const connection = await greet(child, env['PORTALD_SOCKET'] ?? '').catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const readyMs = performance.now() - began;
  const proc = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    child,
    readyMs,
    connection,
    cpuSeconds() {
      const fields = proc('stat')
        .replace(/^.*\) /, '')
        .split(' ');
      // User and system time, in hundredths on every Linux that Node runs on.
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    memoryMiB() {
      const text = proc('smaps_rollup');
      const of = (name: string): number =>
        Number(new RegExp(`^${name}: *(\\d+)`, 'm').exec(text)?.[1]) / 1024;
      return { rss: of('Rss'), pss: of('Pss') };
    },
    async end() {
      connection.close();
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function greet(child: ChildProcess, socket: string): Promise<Connection> {
  for (;;) {
    const { exitCode, signalCode } = child;
    if (exitCode !== null || signalCode !== null)
      throw new Error(`portald ended (${exitCode ?? signalCode})`);
    const connection = await connectTo(socket).catch(() => undefined);
    if (connection !== undefined) {
      await connection.call('daemon.hello', { versions: [protocolVersion], client: 'bench' });
      return connection;
    }
    await sleep(1);
  }
}
