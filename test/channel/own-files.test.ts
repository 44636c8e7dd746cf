// portald's own files and private keys in a channel's folder.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { excluding } from '../../daemon/channel/own-files.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { eventually } from '../fixture/eventually.ts';
import { holds, patient, startChannelFixture } from './channel-fixture.ts';

const out: ChannelSpecification = {
  direction: 'out',
  local_path: './',
  remote_path: '~/there/',
  recursive: true,
  delay: 0.05,
};

test('own files are what rsync is told not to carry, wherever its names begin', () => {
  const excludes = (channel: Partial<ChannelSpecification>, name: string): readonly string[] | undefined =>
    excluding({ ...out, ...channel }, [name]).exclude;
  assert.equal(excluding(out, []), out);
  for (const [channel, name, expected] of [
    [{ local_path: '/a/' }, 'b/key', ['/b/key']],
    [{ local_path: '/a' }, 'b/key', ['/a/b/key']],
    [{ local_path: '/a', recursive: false }, 'key', ['/key']],
    [{ direction: 'in', local_path: '/a', remote_path: '~/b' }, 'b/key', ['/b/key']],
    [
      { direction: 'in', local_path: '/a', remote_path: '~/b', recursive: false },
      'b/key',
      ['/b/key', '/key'],
    ],
    [{ direction: 'in', local_path: '/a', remote_path: '~/b', recursive: false }, 'key', ['/key']],
    [{ direction: 'in', local_path: '/a', remote_path: '/', recursive: false }, 'b/key', ['/b/key']],
    [{ local_path: '/a/' }, '*[?]\\x', ['/\\*\\[\\?\\]\\\\x']],
    [{ local_path: '/a/' }, 'b\\x', ['/b\\x']],
    [{ local_path: '/a/', exclude: ['+ key', '!', '*'] }, 'key', ['/key', '+ key', '!', '/key', '*']],
  ] as const) {
    assert.deepEqual(
      excludes(channel as Partial<ChannelSpecification>, name),
      expected,
      JSON.stringify(channel),
    );
  }
});

for (const [what, more] of [
  ['by their names', {}],
  ['by passes only', { exclude: ['- nothing'] as string[] }],
  ['from a folder without a slash', { local_path: 'sub[1]' }],
] as const satisfies readonly (readonly [string, object])[]) {
  test(`out: state and key are not carried, ${what}, and what happens to them is no reason to look`, async () => {
    const folder = 'local_path' in more ? 'sub[1]' : '';
    const state = join(folder, '.st[a]te');
    await using fixture = await startChannelFixture({ own: () => [state, join(folder, 'key')] });
    const [here, there] = [join(fixture.local, folder), join(fixture.remote, folder)];
    await mkdir(join(here, '.st[a]te/run'), { recursive: true });
    await writeFile(join(here, 'key'), 'secret');
    await writeFile(join(here, '.st[a]te/record'), 'secret');
    await writeFile(join(here, 'file'), 'one');
    const channel = fixture.open({ ...out, ...more });
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    assert.deepEqual(await readdir(there), ['file']);
    assert.match(channel.view().note ?? '', /never carried.*\.st\[a\]te, key/);
    const { synchronisations } = channel.view();
    for (let line = 0; line < 20; line++) {
      await appendFile(join(here, '.st[a]te/log'), 'a line\n');
      await sleep(50);
    }
    await eventually('nothing is pending', () => !channel.view().isPending);
    assert.ok(channel.view().synchronisations - synchronisations <= 1, 'one may have been due anyway');
    await writeFile(join(here, 'key'), 'another secret');
    await writeFile(join(here, 'file'), 'two');
    await eventually('the file arrives', holds(join(there, 'file'), 'two'));
    await channel.synchronise(patient);
    assert.deepEqual(await readdir(there), ['file']);
  });
}

test('in: what an instance calls as an own file is called does not replace it, and delete leaves it', async () => {
  await using fixture = await startChannelFixture({ own: () => ['state', 'key'] });
  await mkdir(join(fixture.local, 'state'));
  await mkdir(join(fixture.remote, 'state'));
  for (const name of ['key', 'state/record']) {
    await writeFile(join(fixture.local, name), 'ours');
    await writeFile(join(fixture.remote, name), 'theirs, longer');
  }
  await writeFile(join(fixture.local, 'old'), 'old');
  const channel = fixture.open({ ...out, direction: 'in', delete: true });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await writeFile(join(fixture.remote, 'key'), 'theirs, once more');
  await writeFile(join(fixture.remote, 'new'), 'new');
  await eventually('the new one arrives', holds(join(fixture.local, 'new'), 'new'));
  await channel.synchronise(patient);
  assert.ok(!existsSync(join(fixture.local, 'old')));
  for (const name of ['key', 'state/record'])
    assert.equal(await readFile(join(fixture.local, name), 'utf8'), 'ours');
});

test('links to and into the folder do not hide what is own, and a key that is moved in later is kept', async () => {
  const own = ['link/state'];
  await using fixture = await startChannelFixture({ own: () => own });
  await mkdir(join(fixture.local, 'real/state'), { recursive: true });
  await symlink('real', join(fixture.local, 'link'));
  await writeFile(join(fixture.local, 'real/state/record'), 'secret');
  await writeFile(join(fixture.local, 'real/file'), 'one');
  const channel = fixture.open({ ...out, local_path: 'real/' });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  assert.deepEqual(await readdir(fixture.remote), ['file']);
  own.push('real/key');
  await writeFile(join(fixture.local, 'key'), 'secret');
  await rename(join(fixture.local, 'key'), join(fixture.local, 'real/key'));
  await writeFile(join(fixture.local, 'real/file'), 'two');
  await channel.synchronise(patient);
  assert.deepEqual(await readdir(fixture.remote), ['file']);
});

test('out: a key that becomes one after the last pass is not sent with the next save', async () => {
  const own: string[] = [];
  await using fixture = await startChannelFixture({ own: () => own });
  const channel = fixture.open(out);
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  own.push('key');
  await writeFile(join(fixture.local, 'key'), 'secret');
  await writeFile(join(fixture.local, 'file'), 'one');
  await eventually('the file arrives', holds(join(fixture.remote, 'file'), 'one'));
  await channel.synchronise(patient);
  assert.deepEqual(await readdir(fixture.remote), ['file']);
});

test('a folder that is own or lies in one is not carried at all', async () => {
  await using fixture = await startChannelFixture({ own: () => ['state', 'key'] });
  await mkdir(join(fixture.local, 'state/run'), { recursive: true });
  await writeFile(join(fixture.local, 'key'), 'secret');
  for (const local_path of ['state/', 'state', 'state/run/', 'key'])
    for (const direction of ['out', 'in'] as const) {
      const channel = fixture.open({ ...out, direction, local_path });
      channel.resume(await fixture.transport());
      await eventually('it is told', () => /never carried/.test(channel.view().error ?? ''));
      await channel.close();
    }
  assert.deepEqual(await readdir(fixture.remote), []);
});
