// The tests: builds the programs once, runs the files, several at once, and looks at what they left on the machine.
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { setTimeout as sleep } from 'node:timers/promises';
import { readWords, usage, type Wanted } from './arguments.ts';
import { buildPrograms } from './built-programs.ts';
import { clearAway } from './clear-away.ts';
import { readFigures, slowestTable } from './figures.ts';
import { leftBehind, runPrefix, strayFiles } from './left-behind.ts';
import { longestFirst } from './order.ts';

const clone = join(import.meta.dirname, '../..');

/** Tests wait twice as long as they compute. */
const filesPerCore = 3;

/** How long what ends by itself may take for it once the last test is over. */
const endingMs = 10_000;

async function main(): Promise<number> {
  let wanted: Wanted;
  try {
    wanted = readWords(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  const named = wanted.files.map((file) => resolve(file));
  const missing = named.find((file) => !existsSync(file));
  if (missing !== undefined) {
    process.stderr.write(`there is no test file ${missing}\n`);
    return 2;
  }
  const files = named.length > 0 ? named : globSync(join(clone, 'test/**/*.test.ts'));
  const programs = await buildPrograms(clone);

  // Sockets lie in it, whose paths must be short; macOS's own folder of temporary files has a long one.
  const folder = mkdtempSync(join(process.platform === 'darwin' ? '/tmp' : tmpdir(), runPrefix));
  // Some tests run programs as other users.
  chmodSync(folder, 0o755);
  const strays = strayFiles();
  // The sandbox is here, whatever proxy this machine has.
  const direct = [process.env['no_proxy'] || process.env['NO_PROXY'], '127.0.0.1,localhost']
    .filter(Boolean)
    .join();
  const figuresFile = join(clone, `.cache/figures-${process.pid}`);
  const environment = {
    ...process.env,
    PATH: withoutShims(process.env['PATH'] ?? ''),
    TMPDIR: folder,
    NO_PROXY: direct,
    no_proxy: direct,
    PORTALD_TEST_PROGRAMS: programs,
    PORTALD_TEST_FIGURES: figuresFile,
    NODE_COMPILE_CACHE: join(clone, '.cache/compiled'),
    ...(wanted.isLong && { PORTALD_CRASH: 'all' }),
  };
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());

  let isGood = true;
  for (let turn = 1; turn <= wanted.times && isGood && !ending.signal.aborted; turn += 1) {
    if (wanted.times > 1) process.stdout.write(`${turn} of ${wanted.times}\n`);
    isGood = await runOnce(longestFirst(files), environment, ending.signal);
  }
  const figures = existsSync(figuresFile) ? readFigures(figuresFile) : [];
  rmSync(figuresFile, { force: true });
  if (wanted.figures > 0) process.stdout.write(slowestTable(figures, wanted.figures, clone));
  if (ending.signal.aborted) await clearAway(folder);
  const left = await whatIsLeft(folder, strays);
  for (const one of left) process.stdout.write(`left behind: ${one}\n`);
  // What is left may be a mount, below which nothing is to be removed.
  if (left.length === 0) rmSync(folder, { recursive: true, force: true });
  return isGood && left.length === 0 && !ending.signal.aborted ? 0 : 1;
}

/** Version managers put scripts in the place of programs: a test would start tens of processes for one python3. */
function withoutShims(path: string): string {
  const folders = path.split(delimiter);
  return folders.filter((folder) => basename(folder) !== 'shims').join(delimiter);
}

/** Whether all tests passed. */
async function runOnce(files: string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<boolean> {
  const events = run({
    files,
    env,
    signal,
    concurrency: filesPerCore * availableParallelism(),
    execArgv: ['--import', join(import.meta.dirname, 'measure.ts')],
  });
  let isGood = true;
  events.on('test:fail', ({ todo }) => (isGood &&= todo !== undefined && todo !== false));
  const report = events.compose(new spec());
  for await (const text of report) process.stdout.write(String(text));
  return isGood;
}

async function whatIsLeft(folder: string, before: readonly string[]): Promise<string[]> {
  const limit = performance.now() + endingMs;
  for (;;) {
    const strays = strayFiles().filter((stray) => !before.includes(stray));
    const left = [...leftBehind(folder), ...strays];
    if (left.length === 0 || performance.now() > limit) return left;
    await sleep(200);
  }
}

process.exitCode = await main();
