// That everything in a source is watched, whatever is made of it: links to nowhere, more events than the kernel keeps, file
// systems that come and go.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Change } from '../../daemon/channel/changed-files.ts';
import { devicesOf, mountPoints } from '../../daemon/channel/mount-points.ts';
import { watchSource } from '../../daemon/channel/watch-source.ts';
import { eventually } from '../fixture/eventually.ts';
import { canMount, whileMounted } from './mounted.ts';

interface Watching extends AsyncDisposable {
  readonly folder: string;
  readonly watch: ReturnType<typeof watchSource>;
  /** Saves a file of that name, and waits until it is told by its name. */
  isTold(name: string): Promise<void>;
}

async function startWatching(prepare: (folder: string) => Promise<void>): Promise<Watching> {
  const folder = await mkdtemp(join(tmpdir(), 'portald-watched-'));
  await prepare(folder);
  const told: (Change | undefined)[] = [];
  const source = { path: folder, isRecursive: true, excluded: async () => () => false };
  const watch = watchSource(source, Date.now, (change) => told.push(change));
  await eventually('it watches', () => told.length > 0);
  return {
    folder,
    watch,
    async isTold(name) {
      await eventually(`${name} is told`, async () => {
        told.length = 0;
        await writeFile(join(folder, name), String(Math.random()));
        return eventually('a change', () => told.some((change) => tells(change, name)), 200).then(
          () => true,
          () => undefined,
        );
      });
    },
    async [Symbol.asyncDispose]() {
      await watch.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function tells(change: Change | undefined, name: string): boolean {
  if (change === undefined) return false;
  return name === (change.child === undefined ? change.path : join(change.path, change.child));
}

const links: readonly (readonly [what: string, target: string])[] = [
  ['through a file', 'file/x'],
  ['with a part of 300 bytes', 'y'.repeat(300)],
  ['of 4000 bytes', 'z/'.repeat(2000)],
  ['to itself', 'link'],
  ['to nothing', 'nothing'],
  ['to the folder above', '..'],
];

for (const [what, target] of links) {
  test(`a link ${what} disables nothing beside it, at the start and later`, async () => {
    await using watching = await startWatching(async (folder) => {
      await mkdir(join(folder, 'a/early/inner'), { recursive: true });
      await writeFile(join(folder, 'a/file'), '');
      await symlink(target, join(folder, 'a/link'));
      await mkdir(join(folder, 'a/zzz'));
    });
    // As after each pass.
    watching.watch.audit();
    for (const name of ['a/early/inner/1', 'a/zzz/1', 'a/1', '1']) await watching.isTold(name);
    await mkdir(join(watching.folder, 'a/later/inner'), { recursive: true });
    watching.watch.audit();
    await watching.isTold('a/later/inner/1');
    assert.equal(watching.watch.trouble(), undefined);
  });
}

test('folders whose events the kernel dropped are found by an audit, watched, and counted', async () => {
  await using watching = await startWatching(async (folder) => {
    await mkdir(join(folder, 'busy'));
    await mkdir(join(folder, 'replaced'));
  });
  await watching.isTold('replaced/1');
  // While this process does nothing else, more happens than the kernel keeps (fs.inotify.max_queued_events).
  const made = spawnSync(
    'sh',
    [
      '-c',
      `cd "$1" && python3 -c '
limit = int(open("/proc/sys/fs/inotify/max_queued_events").read())
for index in range(limit):
    open("busy/%d" % (index % 2), "w").close()
' && mkdir -p new/one/two && rm -r replaced && mkdir replaced`,
      'sh',
      watching.folder,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(made.stderr, '');
  assert.equal(watching.watch.missed(), 0);
  watching.watch.audit();
  await eventually('they are found', () => watching.watch.missed() > 0);
  for (const name of ['new/one/two/1', 'new/1', 'replaced/1', 'busy/1']) await watching.isTold(name);
  assert.equal(watching.watch.trouble(), undefined);
});

test('a folder that a file system is mounted on, or unmounted from, is watched as it is now', {
  skip: !canMount() && 'nobody may mount here',
}, async () => {
  await using watching = await startWatching(async (folder) => {
    await mkdir(join(folder, 'a/disk'), { recursive: true });
  });
  const disk = join(watching.folder, 'a/disk');
  await watching.isTold('a/disk/1');
  for (let round = 0; round < 2; round++) {
    await whileMounted(disk, () => watching.isTold('a/disk/1'));
    await watching.isTold('a/disk/1');
  }
});

test('a file system that is mounted where another one was a moment ago is watched', {
  skip: !canMount() && 'this user may not mount',
}, async () => {
  await using watching = await startWatching(async (folder) => {
    await mkdir(join(folder, 'disk'));
  });
  const disk = join(watching.folder, 'disk');
  await whileMounted(disk, () => watching.isTold('disk/1'));
  // At once: the kernel gives it the number of the mount, of the device and of the folder that were there before.
  await whileMounted(disk, () => watching.isTold('disk/1'));
});

test('of two file systems whose folders have the same numbers, each is watched', {
  skip: !canMount() && 'this user may not mount',
}, async () => {
  await using watching = await startWatching(async (folder) => {
    for (const name of ['first', 'second', 'third']) await mkdir(join(folder, name));
  });
  // To the kernel the top of each of them is file number 1; that of the first stays watched.
  const under = (name: string, work: () => Promise<void>): Promise<void> =>
    whileMounted(join(watching.folder, name), async () => {
      await watching.isTold(`${name}/1`);
      await work();
    });
  await under('first', () => under('second', () => under('third', () => watching.isTold('first/2'))));
});

test('a path lies on what was mounted last on the nearest folder', () => {
  const table = [
    '22 1 8:1 / / rw - ext4 /dev/root rw',
    '30 22 0:40 / /home/me rw - tmpfs tmpfs rw',
    '31 22 259:3 / /home/me/a\\040b rw - ext4 /dev/nvme1n1 rw',
    '32 22 0:300 / /home/me rw - btrfs /dev/x rw',
    '',
  ].join('\n');
  const deviceOf = devicesOf(table);
  assert.equal(deviceOf('/'), '800001');
  assert.equal(deviceOf('/home/meadow'), '800001');
  assert.equal(deviceOf('/home/me'), '12c');
  assert.equal(deviceOf('/home/me/a b/c/d'), '10300003');
  assert.equal(devicesOf('')('/a'), undefined);
});

test('mount points are those below the folder, as the kernel names them', () => {
  const table = [
    '22 1 0:20 / / rw - ext4 /dev/root rw',
    '30 22 0:40 / /home/me rw - tmpfs tmpfs rw',
    '31 22 0:41 / /home/me/a\\040b rw - tmpfs tmpfs rw',
    '32 22 0:42 / /home/me/über/x rw - tmpfs tmpfs rw',
    '33 22 0:43 / /home/meadow rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  assert.equal(mountPoints(table, '/home/me'), '31 /home/me/a\\040b\n32 /home/me/über/x');
  assert.equal(mountPoints(table, '/home/me/a b'), '');
  assert.equal(mountPoints(table, '/home/me/über'), '32 /home/me/über/x');
  assert.equal(mountPoints(table, '/').split('\n').length, 4);
});
