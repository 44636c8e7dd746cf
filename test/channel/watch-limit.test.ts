// A kernel that watches no more folders: told, and everything is looked at every delay instead, here and on the instance.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { startInstance } from '../remote/instance.ts';
import { startChannelFixture } from './channel-fixture.ts';

/** A shell command that runs its arguments where only eight folders and files can be watched. */
const limited = ['unshare', '--user', '--map-root-user', 'sh', '-c'];
const limit = 'echo 8 >/proc/sys/user/max_inotify_watches && exec "$@"';
const canLimit = spawnSync(limited[0] ?? '', [...limited.slice(1), limit, 'sh', 'true']).status === 0;
const options = canLimit ? {} : { skip: 'this machine lets nobody make a user namespace' };

function makeFolders(root: string): void {
  for (let index = 0; index < 30; index++) mkdirSync(join(root, `folder ${index}`), { recursive: true });
}

test('outbound', options, async () => {
  await using instance = await startInstance();
  const [local, remote] = [join(instance.folder, 'local'), join(instance.home, 'there')];
  makeFolders(local);
  const specification = {
    direction: 'out',
    local_path: `${local}/`,
    remote_path: '~/there/',
    recursive: true,
  };
  const words = [
    join(import.meta.dirname, 'channel-program.ts'),
    instance.folder,
    JSON.stringify(instance.target),
    JSON.stringify({ ...specification, delay: 0.1 }),
  ];
  const [program = '', ...rest] = [...limited, limit, 'sh', process.execPath, ...words];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await eventually('it is told', () => /too many folders.*max_user_watches.*every delay/.test(said));
    await eventually('it is synchronised', () => said.includes('synchronised'));
    for (const index of [3, 29]) {
      writeFileSync(join(local, `folder ${index}/file`), 'x');
      await eventually('a save arrives', () => existsSync(join(remote, `folder ${index}/file`)));
    }
  } finally {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
});

test('inbound', options, async () => {
  const python3 = `#!/bin/sh\nPATH=\${PATH#*:} exec ${limited.join(' ')} '${limit}' sh python3 "$@"\n`;
  await using fixture = await startChannelFixture({ programs: { python3 } });
  makeFolders(fixture.remote);
  const inbound = {
    direction: 'in',
    local_path: './',
    remote_path: '~/there/',
    recursive: true,
    delay: 0.1,
  } as const;
  const channel = fixture.open(inbound);
  channel.resume(await fixture.transport());
  await eventually('it is told', () => /watches no more folders/.test(channel.view().note ?? ''));
  for (const index of [3, 29]) {
    writeFileSync(join(fixture.remote, `folder ${index}/file`), 'x');
    await eventually('it arrives', () => existsSync(join(fixture.local, `folder ${index}/file`)));
  }
  assert.equal(channel.view().error, undefined);
});
