// What becomes of a channel's source: missing, replaced, come back empty, another kind of thing.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../fixture/eventually.ts';
import { holds, patient, startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';

const test = sideBySide();

const outbound = {
  direction: 'out',
  local_path: './',
  remote_path: '~/there/',
  recursive: true,
  delay: 0.05,
} as const;

test('a source that is missing deletes nothing and is waited for', async () => {
  await using fixture = await startChannelFixture();
  await writeFile(join(fixture.remote, 'precious'), 'data');
  const channel = fixture.open({ ...outbound, local_path: 'later/', delete: true, exclude: ['/precious'] });
  channel.resume(await fixture.transport());
  await eventually('the error is told', () => /later.*does not exist/.test(channel.view().error ?? ''));
  assert.ok(existsSync(join(fixture.remote, 'precious')));
  await mkdir(join(fixture.local, 'later'));
  await writeFile(join(fixture.local, 'later/file'), 'one');
  await eventually('it arrives', holds(join(fixture.remote, 'file'), 'one'));
  await writeFile(join(fixture.local, 'later/file'), 'two');
  await eventually('it is watched', holds(join(fixture.remote, 'file'), 'two'));
});

test('a source that comes back empty deletes nothing, until something is in it', async () => {
  await using fixture = await startChannelFixture();
  const source = join(fixture.local, 'root');
  await mkdir(source);
  for (const name of ['one', 'two']) await writeFile(join(source, name), name);
  const channel = fixture.open({ ...outbound, local_path: 'root/', delete: true });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  const isHeld = () =>
    /was away or replaced, and is empty now.*put its files back/.test(channel.view().error ?? '');
  // Missing for long, and only for a moment.
  for (const isSeen of [true, false]) {
    await rename(source, `${source} away`);
    if (isSeen)
      await eventually('it is told', () => channel.view().error?.includes('does not exist') === true);
    await mkdir(`${source} new`);
    // As a new file system is.
    if (isSeen) await mkdir(`${source} new/lost+found`);
    await rename(`${source} new`, source);
    await eventually('it is held', isHeld);
    assert.ok(existsSync(join(fixture.remote, 'one')));
    await rm(source, { recursive: true });
    await rename(`${source} away`, source);
    // A pass under way might have looked just before the folder went, and read just after another had come.
    await eventually('it rests', () => {
      const { state, error, isPending } = channel.view();
      return state === 'idle' && error === undefined && !isPending;
    });
  }
  await channel.synchronise(patient);
  await rename(source, `${source} away`);
  await mkdir(source);
  await writeFile(join(source, 'three'), 'three');
  await eventually('what is gone is deleted', () => !existsSync(join(fixture.remote, 'one')));
  // rsync deletes before it sends.
  await eventually('what is there arrives', () => existsSync(join(fixture.remote, 'three')));
  // It may have been sent by a look that began at the folder before.
  await channel.synchronise(patient);
  // Emptied by hand, file by file, it is what is wanted.
  await rm(join(source, 'three'));
  await eventually('the last is deleted, too', () => !existsSync(join(fixture.remote, 'three')));
});

test('so it is with one on the instance', async () => {
  await using fixture = await startChannelFixture();
  const source = join(fixture.remote, 'results');
  const made = async (...names: string[]): Promise<void> => {
    await mkdir(source);
    for (const name of names) await writeFile(join(source, name), name);
  };
  const madeAsNewFileSystem = async (): Promise<void> => {
    await mkdir(`${source} new/lost+found`, { recursive: true });
    await rename(`${source} new`, source);
  };
  await made('one', 'two');
  const channel = fixture.open({
    ...outbound,
    direction: 'in',
    remote_path: '~/there/results/',
    delete: true,
  });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  for (const isSeen of [true, false]) {
    await rename(source, `${source} away`);
    if (isSeen) await eventually('it is told', () => /does not exist/.test(channel.view().note ?? ''));
    await (isSeen ? madeAsNewFileSystem() : made());
    await eventually('it is held', () =>
      /results\/ on the instance was away or replaced, and is empty now.*put its files back/.test(
        channel.view().error ?? '',
      ),
    );
    assert.ok(existsSync(join(fixture.local, 'one')));
    await rm(source, { recursive: true });
    await rename(`${source} away`, source);
    await channel.synchronise(patient);
    assert.ok(existsSync(join(fixture.local, 'one')));
  }
  await rm(source, { recursive: true });
  await made('three');
  await eventually('what is gone is deleted', () => !existsSync(join(fixture.local, 'one')));
  await eventually('what is there arrives', () => existsSync(join(fixture.local, 'three')));
  // It may have come by a look that began at the folder before.
  await channel.synchronise(patient);
  await rm(join(source, 'three'));
  await eventually('the last is deleted, too', () => !existsSync(join(fixture.local, 'three')));
});

for (const direction of ['out', 'in'] as const) {
  test(`${direction}: a source in which nothing has been yet deletes nothing`, async () => {
    await using fixture = await startChannelFixture();
    const [source, target] =
      direction === 'out' ? [fixture.local, fixture.remote] : [fixture.remote, fixture.local];
    await writeFile(join(target, 'precious'), 'data');
    const channel = fixture.open({ ...outbound, direction, delete: true });
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    assert.match(
      channel.view().note ?? '',
      direction === 'out'
        ? /is empty.*nothing is deleted on the instance$/
        : /is empty.*nothing is deleted here$/,
    );
    await channel.synchronise(patient);
    assert.ok(existsSync(join(target, 'precious')));
    assert.equal(channel.view().error, undefined);
    await writeFile(join(source, 'first'), 'one');
    await eventually('it arrives', holds(join(target, 'first'), 'one'));
    // It is gone before a look at everything saw it.
    await rm(join(source, 'first'));
    await eventually('it is deleted, too', async () => {
      await channel.synchronise(patient);
      return !existsSync(join(target, 'first')) && !existsSync(join(target, 'precious'));
    });
    assert.equal(channel.view().note, undefined);
  });
}

test('once something is in it, what was held is deleted, also where only a folder came', async () => {
  await using fixture = await startChannelFixture();
  await writeFile(join(fixture.remote, 'old'), 'data');
  const channel = fixture.open({ ...outbound, delete: true });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  assert.match(channel.view().note ?? '', /is empty.*nothing is deleted/);
  await mkdir(join(fixture.instance.folder, 'made'));
  await writeFile(join(fixture.instance.folder, 'made/file'), 'x');
  await rename(join(fixture.instance.folder, 'made'), join(fixture.local, 'folder'));
  await eventually('it arrives', holds(join(fixture.remote, 'folder/file'), 'x'));
  await eventually('what is not in the source is deleted', () => !existsSync(join(fixture.remote, 'old')));
  await eventually('that is not told any more', () => channel.view().note === undefined);
});

test('a root folder replaced under its path is followed', async () => {
  await using fixture = await startChannelFixture();
  await mkdir(join(fixture.local, 'root'));
  const channel = fixture.open({ ...outbound, local_path: 'root/' });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await mkdir(join(fixture.local, 'next'));
  await writeFile(join(fixture.local, 'next/first'), 'new root');
  await rename(join(fixture.local, 'root'), join(fixture.local, 'old'));
  await rename(join(fixture.local, 'next'), join(fixture.local, 'root'));
  await eventually('the new root arrives', holds(join(fixture.remote, 'first'), 'new root'));
  await rm(join(fixture.local, 'root'), { recursive: true });
  await mkdir(join(fixture.local, 'root'));
  await writeFile(join(fixture.local, 'root/second'), 'newer root');
  await eventually('the newer root arrives', holds(join(fixture.remote, 'second'), 'newer root'));
  await writeFile(join(fixture.local, 'root/second'), 'still watched');
  await eventually('the newer root is watched', holds(join(fixture.remote, 'second'), 'still watched'));
});

test('a single file saved by writing another and renaming it is followed', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...outbound, local_path: 'notes', remote_path: 'there/notes' });
  await writeFile(join(fixture.local, 'notes'), 'zero');
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  for (const text of ['one', 'two', 'three']) {
    await writeFile(join(fixture.local, '.notes.new'), text);
    await rename(join(fixture.local, '.notes.new'), join(fixture.local, 'notes'));
    await eventually(`${text} arrives`, holds(join(fixture.remote, 'notes'), text));
  }
});

test('a source that was a file and becomes a folder, and a file again, is followed', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...outbound, local_path: 'thing', delete: true });
  const here = join(fixture.local, 'thing');
  channel.resume(await fixture.transport());
  /** Only once the channel rests: what is under way would make again what the test removes there. */
  const removeBoth = async (): Promise<void> => {
    await channel.synchronise(patient);
    await eventually('it rests', () => channel.view().state === 'idle' && !channel.view().isPending);
    await rm(join(fixture.remote, 'thing'), { recursive: true });
    await rm(here, { recursive: true });
  };
  for (const round of ['one', 'two']) {
    await writeFile(here, round);
    await eventually('the file arrives', holds(join(fixture.remote, 'thing'), round));
    await writeFile(here, `${round} again`);
    await eventually('its save arrives', holds(join(fixture.remote, 'thing'), `${round} again`));
    await removeBoth();
    await mkdir(here);
    await writeFile(join(here, 'inner'), round);
    await eventually('the folder arrives', holds(join(fixture.remote, 'thing/inner'), round));
    await writeFile(join(here, 'inner'), `${round} again`);
    await eventually('its save arrives', holds(join(fixture.remote, 'thing/inner'), `${round} again`));
    await removeBoth();
  }
});

test('what lies beside a single file does not make it be looked at', async () => {
  await using fixture = await startChannelFixture();
  await writeFile(join(fixture.local, 'notes'), 'zero');
  const channel = fixture.open({ ...outbound, local_path: 'notes', delay: 0 });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await writeFile(join(fixture.local, 'notes'), 'one');
  await eventually('it is watched', holds(join(fixture.remote, 'notes'), 'one'));
  await eventually('it rests', () => channel.view().state === 'idle' && !channel.view().isPending);
  const before = channel.view().synchronisations;
  for (let index = 0; index < 20; index++) await writeFile(join(fixture.local, `beside ${index}`), 'x');
  await writeFile(join(fixture.local, 'notes'), 'two');
  await eventually('it arrives', holds(join(fixture.remote, 'notes'), 'two'));
  assert.ok(channel.view().synchronisations - before <= 4, 'a save or two, and not twenty');
});

test('a symbolic link as the source folder is watched through its slash', async () => {
  await using fixture = await startChannelFixture();
  await mkdir(join(fixture.local, 'real'));
  await symlink('real', join(fixture.local, 'link'));
  const channel = fixture.open({ ...outbound, local_path: 'link/' });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await writeFile(join(fixture.local, 'real/file'), 'one');
  await eventually('it arrives', holds(join(fixture.remote, 'file'), 'one'));
});

test('a source behind a link that leads elsewhere, or in a folder that is replaced, is followed', async () => {
  await using fixture = await startChannelFixture();
  const here = (name: string): string => join(fixture.local, name);
  for (const name of ['first', 'second', 'third']) {
    await mkdir(here(`${name}/source`), { recursive: true });
    await writeFile(here(`${name}/source/file`), name);
  }
  await symlink('first', here('link'));
  const channel = fixture.open({ ...outbound, local_path: 'link/source/' });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await rm(here('link'));
  await symlink('second', here('link'));
  await eventually('what it leads to arrives', holds(join(fixture.remote, 'file'), 'second'));
  await writeFile(here('second/source/file'), 'saved');
  await eventually('it is watched', holds(join(fixture.remote, 'file'), 'saved'));
  await rename(here('second'), here('old second'));
  await rename(here('third'), here('second'));
  await eventually('the other folder arrives', holds(join(fixture.remote, 'file'), 'third'));
  await writeFile(here('second/source/file'), 'saved there');
  await eventually('it is watched, too', holds(join(fixture.remote, 'file'), 'saved there'));
});

test('a single file in a folder behind a link is watched', async () => {
  await using fixture = await startChannelFixture();
  await mkdir(join(fixture.local, 'real'));
  await symlink('real', join(fixture.local, 'link'));
  await writeFile(join(fixture.local, 'link/notes'), 'zero');
  const channel = fixture.open({ ...outbound, local_path: 'link/notes' });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await writeFile(join(fixture.local, 'link/notes'), 'one');
  await eventually('its save arrives', holds(join(fixture.remote, 'notes'), 'one'));
});
