// The story that the demo tells, act by act. Throws when anything is not as it should be.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PortalView } from '../../protocol/portal-view.ts';
import { programPath } from '../fixture/programs.ts';
import type { ProgramsFixture } from '../fixture/programs-fixture.ts';
import { withPackages } from '../fixture/specification.ts';
import type { Narrator } from './narrator.ts';

/** The only volume of the demo's region. */
export const volumeOfDemo = {
  volumeId: 'vol-0123456789abcdef0',
  zone: 'eu-central-1a',
  sizeGiB: 8,
  formatted: 'ext4',
} as const;

export async function play(fixture: ProgramsFixture, narrator: Narrator, signal: AbortSignal): Promise<void> {
  const { chapter, say, command } = narrator;
  const figures: [string, string][] = [];
  const until = async (what: string, condition: () => Promise<boolean> | boolean): Promise<void> => {
    const limit = performance.now() + 60_000;
    while (!(await condition())) {
      signal.throwIfAborted();
      if (performance.now() > limit) throw new Error(`it took more than a minute until ${what}`);
      await sleep(5);
    }
  };
  const status = async (): Promise<PortalView> => {
    const told = await fixture.portalctl(['status', 'gpu', '--json']);
    if (told.code !== 0) throw new Error(`portalctl status: ${told.stderr}`);
    return (JSON.parse(told.stdout) as { portal: PortalView }).portal;
  };
  /** Runs portalctl in front of the audience; returns how long it took, in milliseconds. */
  const portalctl = async (...words: string[]): Promise<number> => {
    command(`portalctl ${words.join(' ')}`);
    const began = performance.now();
    const child = spawn(process.execPath, [programPath('client'), ...words], {
      env: { ...fixture.environment },
      cwd: fixture.project,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    fixture.keep(child);
    narrator.pass(child.stdout);
    narrator.pass(child.stderr);
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`portalctl ${words.join(' ')} ended with ${code}`);
    return performance.now() - began;
  };

  fixture.specify('gpu', withPackages);
  const code = join(fixture.project, 'code');
  writeFileSync(join(code, 'train.py'), 'print("epoch 1")\n');
  say('gpu.json says what is wanted: the machine, the volume, Python packages, folders to keep in step');

  chapter('1. portald starts');
  command('portald');
  const daemon = await fixture.startPortald();
  say(`ready on its socket after ${Math.round(daemon.milliseconds)} ms`);
  figures.push(['start of portald, until it is ready', ms(daemon.milliseconds)]);

  chapter('2. The portal is opened');
  figures.push(['open: from nothing to a working portal', seconds(await portalctl('open', 'gpu'))]);
  const first = await status();
  const address = first.instance?.address ?? '';

  chapter('3. Files follow');
  await fixture.onInstance(address, 'true');
  const seen = arrival(fixture, address, '/home/ubuntu/workspace/code/model.py', signal);
  await seen.watching;
  writeFileSync(join(code, 'model.py'), 'layers = 12\n');
  const saved = Date.now();
  say('saved code/model.py here …');
  const outMs = Math.max(0, (await seen.arrived) - saved);
  say(`… it is on the instance after ${outMs} ms`);
  figures.push(['save here, until it is on the instance', ms(outMs)]);

  const written = await fixture.onInstance(
    address,
    'mkdir -p /home/ubuntu/workspace/results && echo accuracy 0.97 > /home/ubuntu/workspace/results/.r && mv /home/ubuntu/workspace/results/.r /home/ubuntu/workspace/results/run.txt && date +%s%3N',
  );
  await until('the result is here', () => existsSync(join(fixture.project, 'results', 'run.txt')));
  const inMs = Math.max(0, Date.now() - Number(written.stdout));
  say(
    `written on the instance, results/run.txt is here after ${inMs} ms: ${read(fixture, 'results/run.txt')}`,
  );
  figures.push(['write on the instance, until it is here', ms(inMs)]);
  await fixture.onInstance(address, 'echo weights > /home/ubuntu/workspace/checkpoint.bin');
  say('a training writes checkpoint.bin to the volume');

  chapter('4. AWS takes the machine back');
  const notice = performance.now();
  await fixture.control.post('notice', { instanceId: first.instance?.id ?? '' });
  say(`AWS gives notice: in two minutes it takes ${first.instance?.id} away`);
  const watching = follow(fixture, narrator);
  await until('portald has seen the notice', async () => (await status()).state !== 'open');
  await until('the portal is open again', async () => (await status()).state === 'open');
  const recoveredMs = performance.now() - notice;
  await watching.end();
  figures.push(['notice, until the portal is open on a new machine', seconds(recoveredMs)]);
  const second = await status();
  const newAddress = second.instance?.address ?? '';
  if (second.instance?.id === first.instance?.id) throw new Error('it is still the same instance');
  say(`the portal is now ${second.instance?.id} at ${newAddress}`);
  const kept = await fixture.onInstance(newAddress, 'cat /home/ubuntu/workspace/checkpoint.bin');
  if (kept.stdout.trim() !== 'weights') throw new Error('the data of the volume is not there');
  say('checkpoint.bin is there: the volume has moved along');
  const packages = await fixture.onInstance(
    newAddress,
    '/home/ubuntu/venv/bin/python -c "import tqdm, einops; print(1)"',
  );
  if (packages.stdout.trim() !== '1') throw new Error(`the packages are not installed: ${packages.stderr}`);
  say('the packages are there: tqdm and einops can be imported');
  writeFileSync(join(code, 'after.py'), 'print("after")\n');
  await until('a file saved after the move is there', async () => {
    const found = await fixture.onInstance(newAddress, 'cat /home/ubuntu/workspace/code/after.py');
    return found.stdout === 'print("after")\n';
  });
  say('a file saved now follows to the new machine');

  chapter('5. You ask how it is');
  const statusMs: number[] = [];
  for (let run = 0; run < 3; run++) statusMs.push(await quietly(() => fixture.portalctl(['status'])));
  await portalctl('status', 'gpu');
  figures.push(['portalctl status, from start to end', ms(statusMs.toSorted((a, b) => a - b)[1] ?? 0)]);

  chapter('6. The portal is closed');
  figures.push(['close: until EC2 shows nothing left', seconds(await portalctl('close', 'gpu'))]);
  const bill = await fixture.control.bill();
  for (const line of bill.lines.filter((one) => one.kind === 'instance')) {
    say(`the bill: ${line.resourceId} ran ${line.seconds} s`);
  }
  const running = bill.lines.filter((one) => one.end === null && one.resourceId !== volumeOfDemo.volumeId);
  if (running.length + bill.openFleets.length + bill.coming.length > 0) {
    throw new Error(`something goes on billing: ${JSON.stringify([running, bill.openFleets, bill.coming])}`);
  }
  say(`the bill: no machine and no fleet goes on; ${volumeOfDemo.volumeId} remains, as it was there before`);
  figures.push(['left to be paid after closing, besides the volume', 'nothing']);

  chapter('Figures of this run');
  narrator.table(figures);
}

/** Watches for a file on the instance from there, so that the measurement does not pay for a connection. */
function arrival(
  fixture: ProgramsFixture,
  address: string,
  path: string,
  signal: AbortSignal,
): { watching: Promise<void>; arrived: Promise<number> } {
  const told = fixture.onInstance(
    address,
    `touch /tmp/watching; i=0; while [ ! -e ${path} ] && [ $i -lt 20000 ]; do i=$((i+1)); sleep 0.002; done; date +%s%3N`,
  );
  const watching = (async () => {
    while ((await fixture.onInstance(address, 'test -e /tmp/watching')).code !== 0) signal.throwIfAborted();
  })();
  return { watching, arrived: told.then((finished) => Number(finished.stdout)) };
}

/** Shows the daemon's messages while something happens by itself. */
function follow(fixture: ProgramsFixture, narrator: Narrator): { end(): Promise<void> } {
  const child = spawn(
    process.execPath,
    [programPath('client'), 'events', 'gpu', '--follow', '--lines', '0'],
    {
      env: { ...fixture.environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  fixture.keep(child);
  narrator.command('portalctl events gpu --follow');
  narrator.pass(child.stdout);
  const closed = once(child, 'close');
  return {
    async end() {
      child.kill('SIGINT');
      await closed;
    },
  };
}

async function quietly(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function read(fixture: ProgramsFixture, path: string): string {
  return readFileSync(join(fixture.project, path), 'utf8').trim();
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function seconds(value: number): string {
  return `${(value / 1000).toFixed(1)} s`;
}
