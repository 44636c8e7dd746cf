// What a channel with `delete` leaves, and says; and files with holes.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { leftBehindBy } from '../../daemon/channel/rsync-stats.ts';
import { eventually } from '../fixture/eventually.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';

test('which folders rsync has left, by what it prints: each once, without those in them', () => {
  const printed = ['sub/x', 'sub/x', 'sub', 'su2', 'a\u001b[2J', 'b']
    .map((name) => `cannot delete non-empty directory: ${name}\n`)
    .join('');
  assert.equal(
    leftBehindBy(printed, 'out'),
    'gone here, and left on the instance since something that is excluded is in it: a\\x1b[2J, b, su2 and 1 more',
  );
  assert.match(leftBehindBy(printed, 'in') ?? '', /^gone on the instance, and left here since/);
  assert.equal(leftBehindBy('Number of deleted files: 3\n', 'out'), undefined);
});

for (const direction of ['out', 'in'] as const)
  test(`${direction}: a folder that delete leaves because of an excluded file is told, as long as it is there`, async () => {
    await using fixture = await startChannelFixture();
    const { local, remote } = fixture;
    const [from, to] = direction === 'out' ? [local, remote] : [remote, local];
    await mkdir(join(from, 'package'));
    await writeFile(join(from, 'package/module.py'), 'x');
    await writeFile(join(from, 'other'), 'x');
    const channel = fixture.open({
      direction,
      local_path: './',
      remote_path: '~/there/',
      recursive: true,
      delete: true,
      delay: 0.05,
      exclude: ['*.pyc'],
    });
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    await writeFile(join(to, 'package/module.pyc'), 'compiled');
    await rm(join(from, 'package'), { recursive: true });
    await eventually('it is told', () =>
      /left .*excluded is in it: package$/.test(channel.view().note ?? ''),
    );
    assert.ok(existsSync(join(to, 'package/module.pyc')));
    assert.ok(!existsSync(join(to, 'package/module.py')));
    await rm(join(to, 'package'), { recursive: true });
    await writeFile(join(from, 'gone'), 'x');
    await rm(join(from, 'gone'));
    await eventually('it is told no more', () => channel.view().note === undefined);
  });

test('a file with holes does not fill the disk that it comes to', async () => {
  await using fixture = await startChannelFixture();
  const file = await open(join(fixture.local, 'sparse'), 'w');
  await file.write('beginning');
  await file.truncate(64 * 1024 * 1024);
  await file.close();
  const channel = fixture.open({
    direction: 'out',
    local_path: './',
    remote_path: '~/there/',
    recursive: true,
  });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  const { size, blocks } = await stat(join(fixture.remote, 'sparse'));
  assert.equal(size, 64 * 1024 * 1024);
  assert.ok(blocks * 512 < 1024 * 1024, `${blocks} blocks`);
});
