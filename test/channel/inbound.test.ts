// What changes on the instance is told, not looked for: by a few lines of Python there.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { limits } from '../../daemon/channel/limits.ts';
import { type RemoteWatch, watchRemote } from '../../daemon/channel/watch-remote.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { type ChannelFixture, holds, patient, startChannelFixture } from './channel-fixture.ts';
import { canMount, fetchAroundAMount } from './mounted.ts';
import { sideBySide } from './side-by-side.ts';
import { listTree } from './tree.ts';

const test = sideBySide();

// Nobody looks within the time of a test.
const inbound = {
  direction: 'in',
  local_path: './',
  remote_path: '~/there/',
  recursive: true,
  delay: 3600,
} as const;

interface Watched extends RemoteWatch {
  told(): number;
}

async function watchThere(fixture: ChannelFixture, path: string, isRecursive = true): Promise<Watched> {
  let told = 0;
  const watch = watchRemote({
    transport: await fixture.transport(),
    path,
    isRecursive,
    deletes: true,
    delaySeconds: 0,
    batches: undefined,
    now: Date.now,
    limits,
    environment: process.env,
    changed: () => told++,
    ended: () => {},
  });
  return { ...watch, told: () => told };
}

const watchers = (path: string): string[] =>
  processesWith(path).filter((line) => /^\S*python3 -c/.test(line));

test('what happens in a folder is told, also in folders made later, and nothing else', async () => {
  await using fixture = await startChannelFixture();
  await mkdir(join(fixture.remote, "it's\na\\folder/inner"), { recursive: true });
  const watch = await watchThere(fixture, `${fixture.remote}/it's\na\\folder`);
  await eventually('it watches', () => watch.isWatching());
  assert.equal(watchers(`${fixture.remote}/it`).length, 1);
  const folder = join(fixture.remote, "it's\na\\folder");
  const tells = async (what: string, change: () => Promise<unknown>): Promise<void> => {
    const before = watch.told();
    await change();
    await eventually(`it tells of ${what}`, () => watch.told() > before);
  };
  await tells('a new file', () => writeFile(join(folder, 'file'), 'x'));
  await tells('a change in a folder', () => writeFile(join(folder, 'inner/file'), 'x'));
  await tells('a new folder', () => mkdir(join(folder, 'new/deeper'), { recursive: true }));
  await eventually('the new folder is watched', async () => {
    const before = watch.told();
    await writeFile(join(folder, 'new/deeper/file'), String(before));
    await new Promise((resolve) => setTimeout(resolve, 100));
    return watch.told() > before;
  });
  await tells('a removal', () => rm(join(folder, 'file')));
  await watch.close();
  await eventually('the watcher there ends', () => watchers(fixture.remote).length === 0);
});

test('it ends with the folder that is watched, and when there is none', async () => {
  await using fixture = await startChannelFixture();
  const watch = await watchThere(fixture, './there');
  await eventually('it watches', () => watch.isWatching());
  await rename(fixture.remote, `${fixture.remote}-old`);
  await eventually('it ends', () => watch.isEnded());
  assert.equal(watch.trouble(), undefined);
  await watch.close();
  const missing = await watchThere(fixture, './nowhere');
  await eventually('it ends', () => missing.isEnded());
  await missing.close();
});

test('without python3 it is said, and looked every delay', async () => {
  await using fixture = await startChannelFixture();
  const watch = await watchThere(fixture, './there');
  await eventually('it watches', () => watch.isWatching());
  await watch.close();
  const channel = fixture.open({ ...inbound, delay: 0.1 });
  const { command, destination } = await fixture.transport();
  // The shell of the instance finds no python3.
  const words = command.map((word) => word);
  const bare = {
    command: [
      'sh',
      '-c',
      'last=; for last; do :; done; case $last in *python3*) echo nothing >&2; exit 1;; esac; exec "$@"',
      'sh',
      ...words,
    ],
    destination,
    mounts: [],
  };
  channel.resume(bare);
  await writeFile(join(fixture.remote, 'file'), 'x');
  await eventually('it arrives', () => existsSync(join(fixture.local, 'file')));
  await eventually('it is said', () => channel.view().note?.includes('no python3') === true);
});

test('a source that is one file is looked at every delay, which is said; in between nothing is pending', async () => {
  await using fixture = await startChannelFixture();
  const file = join(fixture.remote, 'file');
  await writeFile(file, 'x');
  const arrived = join(fixture.local, 'file');
  const channel = fixture.open({ ...inbound, local_path: './file', remote_path: file, delay: 0.1 });
  channel.resume(await fixture.transport());
  await eventually('it arrives', () => existsSync(arrived));
  await eventually('it is said', () => channel.view().note?.includes('one file') === true);
  await eventually('all of it is looked at', () => !channel.view().isPending);
  await writeFile(file, 'changed');
  await eventually('a change arrives', () => readFileSync(arrived, 'utf8') === 'changed');
  await eventually('nothing begins a new look by itself', () => !channel.view().isPending);
});

test('what is saved there is sent from there; nothing is left there after pausing', async () => {
  await using fixture = await startChannelFixture();
  await mkdir(join(fixture.remote, 'folder'));
  await writeFile(join(fixture.remote, 'folder/before'), 'x');
  // No pass is due within the time of a test.
  const channel = fixture.open({ ...inbound, remote_path: `${fixture.remote}/` });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  const writers = (): string[] =>
    processesWith(`-- ${fixture.remote}/`).filter((line) => /only-write/.test(line));
  await eventually('writers wait there', () => writers().length >= 2);
  // What the watch tells when it begins is still to be looked at.
  await channel.synchronise(patient);
  const name = Buffer.concat([Buffer.from(`${fixture.remote}/folder/not utf-8 `), Buffer.from([0xff])]);
  await writeFile(name, 'one', { mode: 0o640 });
  const arrived = Buffer.concat([Buffer.from(`${fixture.local}/folder/not utf-8 `), Buffer.from([0xff])]);
  await eventually('it arrives', () => existsSync(arrived) && readFileSync(arrived, 'utf8') === 'one');
  // It may have been sent between its writing and the last touch of its time.
  await eventually('so does its time', () =>
    isDeepStrictEqual(listTree(fixture.local), listTree(fixture.remote)),
  );
  await eventually('it is counted', () => channel.view().last?.files === 1);
  // Of a batch that is over nothing is kept there: the two that wait have a folder each.
  const kept = async (): Promise<number> => {
    const [place = ''] = await readdir(`${fixture.instance.folder}/tmp`);
    return (await readdir(join(fixture.instance.folder, 'tmp', place))).length;
  };
  await eventually('two wait again', async () => (await kept()) === 2);
  await channel.pause();
  await eventually('the watcher there ends', () => watchers(fixture.remote).length === 0);
  await eventually('so do the writers', () => writers().length === 0);
  await eventually(
    'its folder is gone',
    async () => (await readdir(`${fixture.instance.folder}/tmp`)).length === 0,
  );
});

test('a source that is removed and made again is watched anew, though what waits in it keeps it alive', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...inbound, delay: 0.1, remote_path: `${fixture.remote}/` });
  channel.resume(await fixture.transport());
  const writers = (): string[] =>
    processesWith(`-- ${fixture.remote}/`).filter((line) => /only-write/.test(line));
  for (const [index, made] of ['first', 'second', 'third'].entries()) {
    await eventually('writers wait there', () => writers().length >= 2);
    await channel.synchronise(patient);
    await rm(fixture.remote, { recursive: true });
    if (index === 1) await new Promise((resolve) => setTimeout(resolve, 1500));
    await mkdir(fixture.remote);
    await writeFile(join(fixture.remote, made), made);
    await eventually(`the ${made} arrives`, () => existsSync(join(fixture.local, made)));
  }
});

test('what is excluded is not sent from there', async () => {
  await using fixture = await startChannelFixture();
  for (const folder of ['skip', 'ünï', 'folder']) await mkdir(join(fixture.remote, folder));
  const exclude = ['*.tmp', '/skip/', 'ü???', 'folder/x*'];
  const channel = fixture.open({ ...inbound, local_path: 'here', remote_path: fixture.remote, exclude });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  const here = join(fixture.local, 'here/there');
  await eventually('writers wait', () => processesWith(`-- ${fixture.remote}/`).length >= 2);
  await channel.synchronise(patient);
  const excluded = ['a.tmp', 'ünï/file', 'folder/x1', 'folder/c.tmp'];
  // One save, at once: what comes a moment later is another, which keeps the delay.
  for (const name of [...excluded, 'folder/file', 'skip/file'])
    writeFileSync(join(fixture.remote, name), 'x');
  await eventually('the other arrives', () => existsSync(join(here, 'folder/file')));
  // To rsync the folder that is named without a slash is the first part of every name: "/skip/" excludes nothing.
  await eventually('so does this', () => existsSync(join(here, 'skip/file')));
  for (const name of excluded) assert.ok(!existsSync(join(here, name)), name);
});

/** Whether there was a process to kill. */
function killed(pattern: string): boolean {
  return spawnSync('pkill', ['-KILL', '-f', pattern]).status === 0;
}

for (const [what, exclude, readers] of [
  ['that is killed', [], ['read-batch=- -- ']],
  ['of staged batches that is killed', ['*.tmp'], ['read-batch=- -- ', 'files-from=- .*-I .*']],
] as const) {
  test(`a writer, and a reader ${what}, lose nothing`, async () => {
    await using fixture = await startChannelFixture();
    const { folder } = fixture.instance;
    const remote_path = `${fixture.remote}/`;
    const channel = fixture.open({ ...inbound, remote_path, delay: 0.05, exclude: [...exclude] });
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    const writer = 'only-write-batch=';
    for (const [index, pattern] of [writer, ...readers, writer].entries()) {
      await eventually('it waits, and is killed', () => killed(`rsync .*${pattern}.*${folder}`));
      await writeFile(join(fixture.remote, 'file'), String(index));
      await eventually('it arrives', holds(join(fixture.local, 'file'), String(index)));
    }
  });
}

test('a watch that is ended by a signal leaves no folder there, and another one begins', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...inbound, remote_path: `${fixture.remote}/`, delay: 0.05 });
  channel.resume(await fixture.transport());
  const folders = (): string[] =>
    readdirSync(join(fixture.instance.folder, 'tmp')).filter((name) => name.startsWith('portald-'));
  await eventually('it watches', () => folders().length === 1);
  const [first = ''] = folders();
  // Made by the second writer just before it waits: nothing is in the making any more.
  const made = join(fixture.instance.folder, 'tmp', first, '2/batch.sh');
  await eventually('both writers wait', () => existsSync(made));
  execFileSync('pkill', ['-TERM', '-f', `python3 -c .*${fixture.remote}`]);
  await eventually('another one watches', () => folders().some((name) => name !== first));
  assert.ok(!folders().includes(first));
});

test('a change there arrives at once, whatever the delay; nothing is left when the channel is paused', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...inbound, remote_path: `${fixture.remote}/`, delay: 2 });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await eventually('it is watched', () => watchers(fixture.remote).length === 1);
  for (const text of ['one', 'two']) {
    await writeFile(join(fixture.remote, 'result'), text);
    await eventually('it arrives', () => {
      const path = join(fixture.local, 'result');
      return existsSync(path) && readFileSync(path, 'utf8') === text;
    });
  }
  await channel.pause();
  await eventually('the watcher there ends', () => watchers(fixture.remote).length === 0);
  channel.resume(await fixture.transport());
  await eventually('it is watched again', () => watchers(fixture.remote).length === 1);
  execFileSync('pkill', ['-KILL', '-f', `python3 -c .*${fixture.remote}`]);
  await writeFile(join(fixture.remote, 'result'), 'three');
  await eventually(
    'it arrives without the watcher',
    () => readFileSync(join(fixture.local, 'result'), 'utf8') === 'three',
  );
  await eventually('it is watched again', () => watchers(fixture.remote).length === 1);
});

test('below a folder that a file system is mounted on, or unmounted from, changes are told as before', {
  skip: !canMount() && 'nobody may mount here',
}, async () => {
  await using fixture = await startChannelFixture();
  await fetchAroundAMount(fixture);
});
