// An instance that does as it likes, and a channel that fetches from it: nothing outside the local path is touched, and
// nothing comes that is more than a file, a folder or a link.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from '../../daemon/portal/gateways.ts';
import { eventually } from '../fixture/eventually.ts';
import { type ChannelFixture, patient, startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';

const test = sideBySide();

interface Hostile {
  readonly fixture: ChannelFixture;
  readonly channel: Channel;
  /** A folder here that nothing may reach. */
  readonly outside: string;
  /** From now on the instance sends `to` where it has `from`. */
  replace(from: string | Buffer, to: string | Buffer): void;
  wasReplaced(): boolean;
}

async function withHostile(play: (hostile: Hostile) => Promise<void>): Promise<void> {
  const program = join(import.meta.dirname, 'hostile-rsync.ts');
  const rsync = `#!/bin/sh\nPATH=\${PATH#*:} exec '${process.execPath}' '${program}' "$@"\n`;
  await using fixture = await startChannelFixture({ programs: { rsync } });
  mkdirSync(join(fixture.local, 'here'));
  const outside = join(fixture.instance.folder, 'outside');
  mkdirSync(outside);
  const told = join(fixture.instance.home, 'replace');
  writeFileSync(told, '[]');
  const channel = fixture.open({
    direction: 'in',
    local_path: 'here/',
    remote_path: '~/there/',
    recursive: true,
    delay: 0.05,
  });
  await play({
    fixture,
    channel,
    outside,
    replace: (from, to) => {
      const pair = [Buffer.from(from), Buffer.from(to)].map((bytes) => bytes.toString('hex'));
      writeFileSync(told, JSON.stringify([pair]));
    },
    wasReplaced: () => existsSync(join(fixture.instance.home, 'replaced')),
  });
  assert.deepEqual(readdirSync(outside), []);
  assert.deepEqual(readdirSync(fixture.local), ['here']);
}

for (const [name, nameIn] of [
  ['../evil', () => '../evil'],
  ['a/../../evil', () => 'a/../../evil'],
  ['an absolute one', (outside: string) => `${outside}/evil`],
  ['one through a link of the same list', () => 'link/evil'],
] as const) {
  test(`a name that leads out: ${name}`, async () => {
    await withHostile(async ({ fixture, channel, outside, replace, wasReplaced }) => {
      const bad = nameIn(outside);
      const honest = 'q'.repeat(bad.length);
      writeFileSync(join(fixture.remote, honest), 'evil');
      symlinkSync(outside, join(fixture.remote, 'link'));
      replace(honest, bad);
      channel.resume(await fixture.transport());
      await eventually('it is told', () => /(unsafe|invalid) path/.test(channel.view().error ?? ''));
      assert.ok(wasReplaced());
      assert.ok(!existsSync(join(fixture.local, 'here', honest)));
    });
  });
}

test('a link that came before is not followed', async () => {
  await withHostile(async ({ fixture, channel, outside, replace, wasReplaced }) => {
    for (const name of ['link', 'folder']) symlinkSync(outside, join(fixture.remote, name));
    symlinkSync(join(outside, 'file'), join(fixture.remote, 'file'));
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    for (const name of ['link', 'folder', 'file']) rmSync(join(fixture.remote, name));
    mkdirSync(join(fixture.remote, 'folder'));
    writeFileSync(join(fixture.remote, 'folder/evil'), 'evil');
    writeFileSync(join(fixture.remote, 'file'), 'evil');
    await channel.synchronise(patient);
    assert.ok(lstatSync(join(fixture.local, 'here/folder')).isDirectory());
    assert.ok(lstatSync(join(fixture.local, 'here/file')).isFile());
    writeFileSync(join(fixture.remote, 'q'.repeat('link/evil'.length)), 'evil');
    replace('q'.repeat('link/evil'.length), 'link/evil');
    await eventually('it is told', () => /(unsafe|invalid) path/.test(channel.view().error ?? ''));
    assert.ok(wasReplaced());
  });
});

// A file's mode is sent as a number of four bytes, little end first; 640 is no other file's.
for (const [kind, high] of [
  ['a FIFO', 0x11],
  ['a character device', 0x21],
  ['a block device', 0x61],
  ['a socket', 0xc1],
] as const) {
  test(`${kind} does not come`, async () => {
    await withHostile(async ({ fixture, channel, replace, wasReplaced }) => {
      writeFileSync(join(fixture.remote, 'special'), 'x', { mode: 0o640 });
      writeFileSync(join(fixture.remote, 'file'), 'x', { mode: 0o600 });
      replace(Buffer.from([0xa0, 0x81, 0, 0]), Buffer.from([0xa0, high, 0, 0]));
      channel.resume(await fixture.transport());
      await eventually('the rest comes', () => existsSync(join(fixture.local, 'here/file')));
      await eventually('it is over', () => channel.view().state !== 'synchronising');
      assert.ok(wasReplaced());
      assert.deepEqual(readdirSync(join(fixture.local, 'here')), ['file']);
    });
  });
}

test('no file and no folder comes with setuid, setgid or the sticky bit', async () => {
  await withHostile(async ({ fixture, channel }) => {
    writeFileSync(join(fixture.remote, 'program'), 'x');
    mkdirSync(join(fixture.remote, 'folder'));
    execFileSync('chmod', ['7777', join(fixture.remote, 'program'), join(fixture.remote, 'folder')]);
    execFileSync('chmod', ['1777', fixture.remote]);
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    for (const name of ['', 'program', 'folder']) {
      assert.equal(lstatSync(join(fixture.local, 'here', name)).mode & 0o7777, 0o777, name);
    }
  });
});
