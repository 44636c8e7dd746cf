// A file where a folder is to be, here or on the instance: said in a sentence, with what to do.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { startChannelFixture } from './channel-fixture.ts';

const deep = { recursive: true, delay: 0.1 } as const;
const flat = { delay: 0.1 } as const;
const cases = [
  [
    { ...deep, direction: 'out', local_path: 'file/', remote_path: '~/there/x' },
    /file\/ is no folder.*slash/,
  ],
  [
    { ...deep, direction: 'out', local_path: 'folder/', remote_path: '~/there/file' },
    /a file has the name of a folder on the instance/,
  ],
  [
    { ...deep, direction: 'out', local_path: 'folder/', remote_path: '~/there/file/x' },
    /preparing .*there\/file on the instance failed.*a file has the name of a folder on the instance/,
  ],
  [
    { ...flat, direction: 'out', local_path: 'folder/', remote_path: '~/there/file' },
    /a file has the name of a folder on the instance/,
  ],
  [
    { ...deep, direction: 'in', local_path: 'x/', remote_path: '~/there/file/' },
    /file\/ on the instance is a file.*slash/,
  ],
  [
    { ...deep, direction: 'in', local_path: 'file', remote_path: '~/there/folder/' },
    /a file has the name of a folder on this machine/,
  ],
  [
    { ...flat, direction: 'in', local_path: 'file', remote_path: '~/there/folder/' },
    /file cannot be made: a file is in its way/,
  ],
  [
    { ...deep, direction: 'in', local_path: 'file/', remote_path: '~/there/folder/' },
    /file\/ is no folder.*slash/,
  ],
] as const;

test('a file where a folder is to be', async () => {
  await using fixture = await startChannelFixture();
  for (const side of [fixture.local, fixture.remote]) {
    writeFileSync(join(side, 'file'), 'x');
    mkdirSync(join(side, 'folder'));
    for (const name of ['one', 'two']) writeFileSync(join(side, 'folder', name), 'x');
  }
  for (const [specification, expected] of cases) {
    const channel = fixture.open(specification);
    channel.resume(await fixture.transport());
    const told = await eventually(`${String(expected)} is told`, () => channel.view().error);
    assert.match(told, expected);
    await channel.close();
  }
});
