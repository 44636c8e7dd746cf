// How long the programs as they are installed take where a person waits for them, as ratios to the shortest program that
// Node can run.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { type Environment, runToEnd } from '../fixture/programs.ts';
import { ownDelays, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { build, builtClient, startBuiltDaemon } from './built-daemon.ts';
import { quantile } from './figures.ts';
import { milliseconds, printHead, printRow } from './markdown.ts';

const whole = '@aws-sdk/client-ec2, whole';

/** What portald loads at its first call of EC2, and what that was made of. */
const awsClients = {
  'the EC2 client of portald': join(import.meta.dirname, '../../dist/daemon/client-ec2.cjs'),
  [whole]: '@aws-sdk/client-ec2',
};

interface Measured {
  readonly name: string;
  /** The ratio that is wanted. */
  readonly most: number;
  readonly run: () => Promise<number>;
}

export async function startup({ runs }: { runs: number }): Promise<void> {
  build();
  const stage = await startProgramsFixture('portald-bench-', {}, ownDelays);
  const environmentIn = (name: string): Environment => ({
    ...stage.environment,
    PORTALD_STATE_DIR: join(stage.folder, name),
    PORTALD_SOCKET: join(stage.folder, name, 'portald.sock'),
  });
  const client = environmentIn('standing');
  const daemon = await startBuiltDaemon(client);
  stage.keep(daemon.child);
  try {
    const measured: readonly Measured[] = [
      { name: 'node -e 0', most: 1, run: () => timeOf(['-e', '0'], client) },
      { name: 'portalctl --help', most: 1.3, run: () => timeOf([builtClient, '--help'], client) },
      { name: 'portalctl status', most: 1.6, run: () => timeOf([builtClient, 'status'], client) },
      { name: 'portald until it answers', most: 3, run: () => readyMs(environmentIn('each')) },
      ...Object.entries(awsClients).map(([name, file]) => ({
        name,
        most: name === whole ? Number.POSITIVE_INFINITY : 4,
        run: () => timeOf(['-e', `require(${JSON.stringify(file)})`], client),
      })),
    ];
    const took = measured.map((): number[] => []);
    // The first turn warms the system's caches, and the one that Node keeps compiled code in.
    for (let run = -1; run < runs; run++) {
      for (const [index, one] of measured.entries()) {
        const ms = await one.run();
        if (run >= 0) took[index]?.push(ms);
      }
    }
    const load = loadavg()[0]?.toFixed(1);
    process.stdout.write(`${runs} runs in turn, Node ${process.versions.node}, load ${load}\n`);
    printHead(['program', 'median ms', 'fastest ms', 'median × node -e 0', 'wanted']);
    const bare = quantile(took[0] ?? [], 0.5);
    for (const [index, { name, most }] of measured.entries()) {
      const median = quantile(took[index] ?? [], 0.5);
      const fastest = Math.min(...(took[index] ?? []));
      const ratio = (median / bare).toFixed(2);
      printRow([
        name,
        milliseconds(median),
        milliseconds(fastest),
        ratio,
        Number.isFinite(most) ? `≤ ${most}` : '',
      ]);
    }
    for (const [name, file] of Object.entries({ 'node -e 0': 'node:fs', ...awsClients }))
      process.stdout.write(`${name}: ${await residentMiB(file, client)} MiB\n`);
  } finally {
    await stage.end();
  }
}

async function timeOf(words: readonly string[], env: Environment): Promise<number> {
  const began = performance.now();
  const { code, stderr } = await runToEnd(process.execPath, words, { env });
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return performance.now() - began;
}

/** Of a Node that has loaded a module. */
async function residentMiB(module: string, env: Environment): Promise<number> {
  const program = `require(${JSON.stringify(module)}); console.log(process.memoryUsage.rss())`;
  const { stdout } = await runToEnd(process.execPath, ['-e', program], { env });
  return Math.round(Number(stdout) / 1024 ** 2);
}

async function readyMs(env: Environment): Promise<number> {
  const daemon = await startBuiltDaemon(env);
  await daemon.end();
  return daemon.readyMs;
}
