// A pass and a batch of the instance's own accord never write here at the same time: with both in its hands, an instance
// could make a folder by one, a link in its place by the other, and write through that link by the first.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../fixture/eventually.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';
import { inTheMiddle, processesThere, slowDown, slowRsync, temporaryFiles } from './slow-rsync.ts';

const test = sideBySide();

const inbound = {
  direction: 'in',
  local_path: './',
  remote_path: '~/there/',
  recursive: true,
  delay: 0.05,
} as const;

test('while a pass is in the middle, no batch is applied', async () => {
  await using fixture = await startChannelFixture({ programs: slowRsync });
  const channel = fixture.open(inbound);
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await eventually('what waits there is made', () => processesThere(fixture, 'only-write-batch').length >= 2);
  await channel.synchronise(patient);
  // Four seconds.
  slowDown(fixture, 1500);
  writeFileSync(join(fixture.instance.folder, 'made'), randomBytes(6_000_000));
  renameSync(join(fixture.instance.folder, 'made'), join(fixture.remote, 'large'));
  await inTheMiddle(fixture.local);
  writeFileSync(join(fixture.remote, 'small'), 'x');
  const small = join(fixture.local, 'small');
  await eventually('it arrives', () => {
    // In this order: what is in the middle when the small one is there was so before.
    const isThere = existsSync(small);
    assert.ok(!isThere || temporaryFiles(fixture.local).length === 0, 'the large one is still on its way');
    return isThere;
  });
  assert.ok(existsSync(join(fixture.local, 'large')));
});

test('while a batch is in the middle, no pass begins', async () => {
  // It sends the beginning of a batch once it may, and no more of it until it is to end.
  const flags = String.raw`printf 'batch 1 1\ndata 4\n\210\0\0\0'`;
  const python3 = [
    '#!/bin/sh',
    // A test that fails takes the folder away.
    'until_there() { while [ -d "$HOME" ] && [ ! -e "$HOME/$1" ]; do sleep 0.05; done; }',
    `echo watching; until_there begin; ${flags}; touch "$HOME/sent"; until_there end`,
  ].join('\n');
  await using fixture = await startChannelFixture({ programs: { python3 } });
  const tell = (what: string): void => writeFileSync(join(fixture.instance.home, what), '');
  const channel = fixture.open(inbound);
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await eventually('what it tells when it begins was looked at', () => !channel.view().isPending);
  tell('begin');
  await eventually('it is sent', () => existsSync(join(fixture.instance.home, 'sent')));
  // Four bytes on their way to this process.
  await sleep(1000);
  writeFileSync(join(fixture.remote, 'file'), 'x');
  const over = channel.synchronise(patient);
  await eventually('it is to be looked', () => channel.view().state === 'synchronising');
  for (let look = 0; look < 10; look++) {
    await sleep(50);
    assert.deepEqual(processesThere(fixture, '--sender'), []);
    assert.ok(!existsSync(join(fixture.local, 'file')));
  }
  tell('end');
  await over;
  assert.ok(existsSync(join(fixture.local, 'file')));
});
