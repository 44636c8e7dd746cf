// Every kind of change that editors, programs and people make, in both directions, while the channel runs and while it is
// paused: the trees end equal.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../../daemon/portal/gateways.ts';
import { eventually } from '../fixture/eventually.ts';
import { type ChannelFixture, patient, startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';
import { fillTree, hasOutlineOf, listTree } from './tree.ts';

const test = sideBySide();

/**
 * What is there before each. No two files are of the same size: rsync takes one in the place of another for the same if
 * their times are the same, too.
 */
function begin(folder: string): void {
  mkdirSync(join(folder, 'one/inner'), { recursive: true });
  mkdirSync(join(folder, 'two'));
  for (const name of ['file', 'other', 'one/file', 'one/inner/file', 'two/file']) {
    writeFileSync(
      join(folder, name),
      `${name} ${'.'.repeat(name.length + (name.startsWith('one') ? 1 : 0))}`,
    );
  }
  symlinkSync('file', join(folder, 'link'));
}

const remove = (path: string): void => rmSync(path, { recursive: true });

const changes: Readonly<Record<string, (at: (name: string) => string) => void | Promise<void>>> = {
  'awkward names': (at) => fillTree(at('new')),
  'a save by writing another file and renaming it': (at) => {
    writeFileSync(at('.file.swp'), 'new');
    renameSync(at('.file.swp'), at('file'));
  },
  'a save by renaming the old one away': (at) => {
    renameSync(at('file'), at('file~'));
    writeFileSync(at('file'), 'new');
    remove(at('file~'));
  },
  'the same size, and the same time to the second': (at) => {
    for (const text of ['1111', '2222']) writeFileSync(at('file'), text);
  },
  'an older time': (at) => utimesSync(at('file'), 1_000_000_000.5, 1_000_000_000.5),
  'modes of a file and a folder': (at) => {
    chmodSync(at('file'), 0o751);
    chmodSync(at('one'), 0o710);
  },
  'a file renamed': (at) => renameSync(at('file'), at('two/renamed')),
  'a folder moved into another': (at) => renameSync(at('one'), at('two/one')),
  'two folders that change places': (at) => {
    renameSync(at('one'), at('three'));
    renameSync(at('two'), at('one'));
    renameSync(at('three'), at('two'));
  },
  'a file that becomes a folder': (at) => {
    remove(at('file'));
    mkdirSync(at('file'));
    writeFileSync(at('file/inner'), 'x');
  },
  'a folder that becomes a file': (at) => {
    remove(at('one'));
    writeFileSync(at('one'), 'x');
  },
  'a folder that becomes a link': (at) => {
    remove(at('one'));
    symlinkSync('two', at('one'));
  },
  'a link that becomes a folder': (at) => {
    remove(at('link'));
    mkdirSync(at('link'));
    writeFileSync(at('link/inner'), 'x');
  },
  'a link that points elsewhere': (at) => {
    remove(at('link'));
    symlinkSync('other', at('link'));
  },
  'files and folders removed': (at) => {
    for (const name of ['file', 'one']) remove(at(name));
  },
  'a sparse file': (at) => {
    const file = openSync(at('sparse'), 'w');
    ftruncateSync(file, 10_000_000);
    writeSync(file, 'in the middle', 7_000_000);
    closeSync(file);
  },
  'a large file, and a few bytes of it': (at) => {
    writeFileSync(at('large'), randomBytes(8_000_000));
    const file = openSync(at('large'), 'r+');
    writeSync(file, 'in the middle', 4_000_000);
    closeSync(file);
  },
  'a file that grows while it is read': async (at) => {
    for (let index = 0; index < 40; index++) {
      appendFileSync(at('file'), randomBytes(200_000));
      await sleep(10);
    }
  },
  'files that come and go': async (at) => {
    for (let index = 0; index < 60; index++) {
      writeFileSync(at(`short ${index % 5}`), randomBytes(100_000));
      await sleep(5);
      if (index % 2 === 0) remove(at(`short ${index % 5}`));
    }
  },
};

for (const direction of ['out', 'in'] as const) {
  test(`direction ${direction}`, async (context) => {
    await using fixture = await startChannelFixture();
    const [from, to] =
      direction === 'out' ? [fixture.local, fixture.remote] : [fixture.remote, fixture.local];
    const names = Object.keys(changes);
    const places = names.flatMap((_, index) => [`${index} running`, `${index} paused`]);
    for (const place of places) begin(join(from, place));
    const channel = fixture.open({
      direction,
      local_path: './',
      remote_path: `${fixture.remote}/`,
      recursive: true,
      delete: true,
      delay: 0.02,
    });
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    assert.deepEqual(listTree(to), listTree(from));
    for (const [index, [name, change]] of Object.entries(changes).entries()) {
      await context.test(`${name}, while it runs`, async () => {
        const place = `${index} running`;
        await change((path) => join(from, place, path));
        await becomeEqual(channel, join(from, place), join(to, place));
      });
    }
    await channel.pause();
    for (const [index, change] of Object.values(changes).entries()) {
      await change((path) => join(from, `${index} paused`, path));
    }
    await context.test('all of them, while it is paused', async () => {
      channel.resume(await fixture.transport());
      await becomeEqual(channel, from, to);
    });
    await context.test('the source replaced as a whole', async () => {
      replaceSource(fixture, from);
      await becomeEqual(channel, from, to);
      writeFileSync(join(from, 'later'), 'x');
      await becomeEqual(channel, from, to);
    });
  });
}

/** Puts another folder in the place of the one that is sent. */
function replaceSource(fixture: ChannelFixture, from: string): void {
  const next = join(fixture.instance.folder, 'next');
  mkdirSync(next);
  begin(next);
  renameSync(from, `${next} old`);
  renameSync(next, from);
}

async function becomeEqual(channel: Channel, from: string, to: string): Promise<void> {
  const here = listTree(from);
  const isEqual = (): boolean =>
    hasOutlineOf(to, from) && JSON.stringify(listTree(to)) === JSON.stringify(here);
  await eventually('the trees are equal', isEqual).catch((error: unknown) => {
    assert.deepEqual(listTree(to), here, `${String(error)}; ${JSON.stringify(channel.view())}`);
  });
}
