// How long the programs as they are installed take where a person waits for them, as ratios to the shortest program that
// Node can run, and what an idle portald needs of memory.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo } from '../../client/connection.ts';
import { protocolVersion } from '../../protocol/methods.ts';
import { type Environment, runToEnd } from '../stage/programs.ts';
import { setStage } from '../stage/stage.ts';
import { quantile } from './figures.ts';
import { milliseconds, printHead, printRow } from './markdown.ts';

const root = join(import.meta.dirname, '../..');
export const builtDaemon = join(root, 'dist/daemon/bin.cjs');
const builtClient = join(root, 'dist/client/bin.cjs');

/** Builds what would be installed. */
export function build(): void {
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`npm run build: ${built.stderr}`);
}

export async function startup({ runs }: { runs: number }): Promise<void> {
  build();
  const stage = await setStage('portald-bench-');
  const environmentIn = (name: string): Environment => ({
    ...stage.environment,
    PORTALD_STATE_DIR: join(stage.folder, name),
    PORTALD_SOCKET: join(stage.folder, name, 'portald.sock'),
  });
  try {
    const standing = await startDaemon(environmentIn('standing'));
    const programs: readonly (readonly [name: string, most: number, run: () => Promise<number>])[] = [
      ['node -e 0', 1, () => timeOf(['-e', '0'], environmentIn('standing'))],
      ['portalctl --help', 1.3, () => timeOf([builtClient, '--help'], environmentIn('standing'))],
      ['portalctl status', 1.6, () => timeOf([builtClient, 'status'], environmentIn('standing'))],
      [
        'portald until it answers',
        3,
        async () => {
          const { milliseconds: took, end } = await startDaemon(environmentIn('each'));
          await end();
          return took;
        },
      ],
    ];
    const took = programs.map((): number[] => []);
    for (let run = -1; run < runs; run++) {
      for (const [index, [, , measure]] of programs.entries()) {
        const ms = await measure();
        // The first turn warms the system's caches.
        if (run >= 0) took[index]?.push(ms);
      }
    }
    await standing.end();
    const bare = quantile(took[0] ?? [], 0.5);
    process.stdout.write(
      `${runs} runs in turn, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}\n`,
    );
    printHead(['program', 'median ms', 'fastest ms', '× node -e 0', 'wanted']);
    for (const [index, [name, most]] of programs.entries()) {
      const ms = took[index] ?? [];
      const median = quantile(ms, 0.5);
      printRow([
        name,
        milliseconds(median),
        milliseconds(Math.min(...ms)),
        (median / bare).toFixed(2),
        `≤ ${most}`,
      ]);
    }
  } finally {
    await stage.end();
  }
}

async function timeOf(words: readonly string[], env: Environment): Promise<number> {
  const began = performance.now();
  const { code, stderr } = await runToEnd(process.execPath, words, { env });
  const ms = performance.now() - began;
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return ms;
}

/** Starts portald; `milliseconds` is how long it took until it greeted a client. */
async function startDaemon(env: Environment): Promise<{ milliseconds: number; end: () => Promise<void> }> {
  const began = performance.now();
  const child = spawn(process.execPath, [builtDaemon], { env: { ...env }, stdio: 'ignore' });
  const exited = once(child, 'exit');
  for (;;) {
    if (child.exitCode !== null) throw new Error(`portald ended (${child.exitCode})`);
    const connection = await connectTo(env['PORTALD_SOCKET'] ?? '').catch(() => undefined);
    if (connection === undefined) {
      await sleep(1);
      continue;
    }
    await connection.call('daemon.hello', { versions: [protocolVersion], client: 'bench' });
    connection.close();
    const ms = performance.now() - began;
    return {
      milliseconds: ms,
      async end() {
        child.kill('SIGTERM');
        await exited;
      },
    };
  }
}
