// What sandbox/README.md tells to do by hand does what it says: its own blocks are run, on other ports.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { help } from '../../sandbox/arguments.ts';
import { eventually } from '../fixture/eventually.ts';
import { startKeeper } from '../fixture/keeper.ts';
import { programPath, runToEnd } from '../fixture/programs.ts';

test('the steps by hand in sandbox/README.md open, move and close a portal', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'by-hand-test-'));
  const keeper = startKeeper(folder);
  t.after(() => keeper.end());
  const [port, sshPort] = [await freePort(), await freePort()];
  const readme = readFileSync(join(import.meta.dirname, '../../sandbox/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^ {3}```(?:yaml)?\n(.*?)^ {3}```$/gms)].map(([, block = '']) =>
    block.replaceAll(/^ {3}/gm, '').replaceAll('4700', String(port)).replaceAll('4722', String(sshPort)),
  );
  const [world = '', specification = '', start = '', exports = '', use = ''] = blocks;
  writeFileSync(join(folder, 'world.yaml'), world);
  writeFileSync(join(folder, 'gpu.yaml'), specification);
  // The programs under their names, as an installation puts them on the PATH.
  mkdirSync(join(folder, 'bin'));
  for (const [name, program] of [
    ['portald', 'daemon'],
    ['portalctl', 'client'],
    ['portal-sandbox', 'sandbox'],
  ] as const) {
    const text = `#!/bin/sh\nexec '${process.execPath}' '${programPath(program)}' "$@"\n`;
    writeFileSync(join(folder, 'bin', name), text, { mode: 0o700 });
  }
  const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, HOME: folder, AWS_PROFILE: 'real' };
  const shell = (script: string): ReturnType<typeof runToEnd> =>
    runToEnd('sh', ['-ec', script], { env, cwd: folder, started: keeper.keep });
  /** Starts it, and tells what it has printed so far. */
  const background = (script: string): (() => string) => {
    const child = spawn('sh', ['-ec', script], { env, cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    keeper.keep(child);
    let printed = '';
    child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
    return () => printed;
  };

  assert.match(readme, /^1\. .*`ssh-keygen -q -t ed25519 -N '' -f key`/m);
  await shell("ssh-keygen -q -t ed25519 -N '' -f key");
  background(start.replace('portal-sandbox', 'exec portal-sandbox'));
  const bill = `http://127.0.0.1:${port}/_sandbox/bill`;
  await eventually('the sandbox answers', () => fetch(bill).then(Boolean, () => undefined));
  background(`${exports}exec portald`);
  const portalctl = (words: string): ReturnType<typeof runToEnd> => shell(`${exports}portalctl ${words}`);
  await eventually('portald listens', () => existsSync(join(folder, 'state/portald.sock')));
  await eventually('portald answers', async () => ((await portalctl('list')).code === 0 ? true : undefined));
  const opened = await portalctl('open gpu');
  assert.equal(opened.code, 0, opened.stderr);
  assert.doesNotMatch(opened.stderr, /warning/);
  const [, instance = ''] = /gpu is open: ubuntu@\S+ \((i-\w+)\)/.exec(opened.stdout) ?? [];

  const [ssh = '', curl = ''] = use.split('\n');
  const there = await shell(`${exports}${ssh} -- ls -d workspace`);
  assert.equal(there.stdout, 'workspace\n', there.stderr);
  const events = background(`${exports}exec portalctl events gpu --follow`);
  const notice = JSON.parse((await shell(curl.replace('i-…', instance))).stdout) as { instanceId?: string };
  assert.equal(notice.instanceId, instance);
  await eventually('the events tell that it has moved', () => events().includes('recovering → open'));
  await eventually('the portal is on another machine', async () => {
    const { stdout } = await portalctl('status gpu');
    return /^gpu: open$/m.test(stdout) && !stdout.includes(instance) ? true : undefined;
  });
  assert.equal((await portalctl('close gpu')).code, 0);
  // EC2 deletes the root volume of an ended instance by itself, a moment later.
  await eventually('only the volume is paid for', async () => {
    const told = (await (await fetch(bill)).json()) as { open: { resourceId: string }[] };
    return told.open.map((line) => line.resourceId).join() === 'vol-0123456789abcdef0';
  });
});

test('--help tells the same variables as sandbox/README.md', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../sandbox/README.md'), 'utf8');
  for (const line of help.split('\n').filter((one) => one.includes('export AWS'))) {
    assert.ok(readme.includes(line.trim()), line);
  }
});

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  await new Promise((resolve) => holder.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
