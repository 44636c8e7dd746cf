// Records on disk: whole or old, damaged ones set aside, one daemon per folder.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { recordVersion } from '../../daemon/portal/record.ts';
import { ensurePrivateFolder } from '../../daemon/private-folder.ts';
import { writeAtomically } from '../../daemon/store/atomic-file.ts';
import { installationId } from '../../daemon/store/installation.ts';
import { leftFiles } from '../../daemon/store/left-files.ts';
import { takeLock } from '../../daemon/store/lock.ts';
import { openRecords } from '../../daemon/store/records.ts';
import { keepReserve } from '../../daemon/store/reserve.ts';
import { PortalError } from '../../protocol/errors.ts';
import { ready, record } from '../portal/world.ts';

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'portald-store-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

function kind(expected: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PortalError, String(error));
    assert.equal(error.kind, expected);
    return true;
  };
}

test('a record that was saved is read back', async (t) => {
  const state = await folder(t);
  const { store } = await openRecords(state, '1');
  await store.save(record({ name: 'one' }));
  await store.save(record({ name: 'two', everOpen: true }));
  const { records, setAside } = await openRecords(state, '2');
  assert.deepEqual(
    new Map(records.map((one) => [one.name, one.everOpen])),
    new Map([
      ['one', false],
      ['two', true],
    ]),
  );
  assert.deepEqual(setAside, []);
  assert.equal((await stat(join(state, 'portals', 'one.json'))).mode & 0o777, 0o600);
});

test('damaged records are set aside and named, and the others are read', async (t) => {
  const state = await folder(t);
  const { store } = await openRecords(state, '1');
  await store.save(record({ name: 'good' }));
  const damages: Record<string, string> = {
    cut: JSON.stringify(record({ name: 'cut' })).slice(0, 100),
    empty: '',
    renamed: JSON.stringify(record({ name: 'other' })),
    strange: JSON.stringify({ ...record({ name: 'strange' }), version: 'new' }),
    list: '[]',
    hollow: JSON.stringify({ ...record({ name: 'hollow' }), specification: {} }),
    null: JSON.stringify({ ...record({ name: 'null' }), generations: [null] }),
    place: JSON.stringify({ ...record({ name: 'place' }), place: 5 }),
  };
  for (const [name, text] of Object.entries(damages))
    await writeFile(join(state, 'portals', `${name}.json`), text);
  await mkdir(join(state, 'portals', 'folder.json'));
  await symlink('nowhere', join(state, 'portals', 'dangling.json'));
  assert.equal(spawnSync('mkfifo', [join(state, 'portals', 'pipe.json')]).status, 0);
  const { records, setAside } = await openRecords(state, '2');
  assert.deepEqual(
    records.map((one) => one.name),
    ['good'],
  );
  assert.equal(setAside.length, Object.keys(damages).length + 3);
  for (const one of setAside) {
    const name = /([a-z]+)\.json\.set-aside-2$/.exec(one.file)?.[1] ?? '';
    if (name in damages)
      assert.equal(await readFile(one.file, 'utf8'), damages[name], 'nothing of it is lost');
    assert.notEqual(one.reason, '');
  }
  const left = await leftFiles(state, new Set(['good']));
  assert.equal(left.length, setAside.length);
});

test('what cannot be read just now is no damage: nothing is set aside', {
  skip: !existsSync('/proc/self/mem') && 'no file here that gives an error when it is read',
}, async (t) => {
  const state = await folder(t);
  await openRecords(state, '1');
  const path = join(state, 'portals', 'failing.json');
  await symlink('/proc/self/mem', path);
  await assert.rejects(openRecords(state, '2'), {
    kind: 'state-folder',
    message: /failing\.json cannot be read: EIO/,
  });
  assert.ok((await lstat(path)).isSymbolicLink());
});

test('records of an earlier version are read, and what they had not is told by what they have', async (t) => {
  const state = await folder(t);
  await openRecords(state, '1');
  const { login: _absent, ...generation } = ready(1, { instanceId: 'i-1' });
  const { pools: _later, ...rest } = record({ name: 'old', everOpen: true, holder: 1 });
  const old = { ...rest, version: 1, generations: [generation] };
  const until = 2_000_000_000_000;
  const failed = { kind: 'quota', message: 'no room', at: 1, failures: 2 };
  const written = {
    ...old,
    unavailable: [{ instanceType: 'p3.2xlarge', until }],
    launchNotBefore: until,
    launchFailure: failed,
  };
  await writeFile(join(state, 'portals', 'old.json'), JSON.stringify(written));
  const { records, setAside } = await openRecords(state, '2');
  assert.deepEqual(setAside, []);
  const login = { user: 'ubuntu', port: 22, identityFile: '/home/me/key', hostKey: 'seeded' };
  const message = 'there was no spot capacity for it';
  const pool = { instanceType: 'p3.2xlarge', kind: 'capacity', message, failures: 0 };
  const pools = [{ ...pool, since: until, at: until, until }];
  const present = { ...old, version: recordVersion, generations: [{ ...generation, login }], pools };
  assert.deepEqual(records, [present]);
});

test('a record of a later version refuses this portald, which changes nothing', async (t) => {
  const state = await folder(t);
  const { store } = await openRecords(state, '1');
  await store.save(record({ name: 'good' }));
  await writeFile(join(state, 'portals', 'damaged.json'), '{');
  const later = JSON.stringify({ ...record({ name: 'later' }), version: recordVersion + 1 });
  await writeFile(join(state, 'portals', 'later.json'), later);
  const before = await readdir(join(state, 'portals'));
  await assert.rejects(openRecords(state, '2'), (error) => {
    assert.match(String(error), /later\.json was written by a later portald than this one/);
    return kind('state-folder')(error);
  });
  assert.deepEqual(await readdir(join(state, 'portals')), before);
});

test('a write that fails leaves the old text and no temporary file', async (t) => {
  const state = await folder(t);
  await writeAtomically(join(state, 'file'), 'old');
  await assert.rejects(writeAtomically(join(state, 'missing', 'file'), 'new'));
  assert.deepEqual(await readdir(state), ['file']);
  assert.equal(await readFile(join(state, 'file'), 'utf8'), 'old');
});

test('a second daemon is refused while the first lives, also as another process', async (t) => {
  const state = await folder(t);
  const lock = await takeLock(state, process.pid);
  await assert.rejects(takeLock(state, process.ppid), kind('daemon-running'));
  await lock.release();
  const again = await takeLock(state, process.pid);
  await again.release();
  assert.deepEqual(await readdir(state), []);
});

test('the lock of a killed daemon is taken over', async (t) => {
  const state = await folder(t);
  const child = spawn('sleep', ['60']);
  await takeLock(state, child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await takeLock(state, process.pid);
  await lock.release();
  assert.deepEqual(await readdir(state), []);
});

test('a daemon that was killed and is not noticed by its parent yet does not hold a lock', async (t) => {
  const state = await folder(t);
  // The shell becomes a program that never asks for its child's end.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(printed.toString());
  await takeLock(state, pid);
  process.kill(pid, 'SIGKILL');
  while (!/ Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) await setTimeout(10);
  const lock = await takeLock(state, process.pid);
  await lock.release();
});

test('a process id that was used again does not hold a lock', async (t) => {
  const state = await folder(t);
  await writeFile(join(state, 'lock'), `${process.pid} 1@another-boot\n`);
  const lock = await takeLock(state, process.pid);
  await lock.release();
});

test('a lock whose holder could not read the id of the boot is known by the start of the process', async (t) => {
  const state = await folder(t);
  const child = spawn('sleep', ['60']);
  t.after(() => child.kill('SIGKILL'));
  const held = await takeLock(state, child.pid ?? 0);
  const [pid = '', start = ''] = (await readFile(join(state, 'lock'), 'utf8')).trim().split(' ');
  const [ticks = '', boot = ''] = start.split('@');
  assert.match(ticks, /^\d+$/);
  assert.notEqual(boot, '');
  await writeFile(join(state, 'lock'), `${pid} ${ticks}@\n`);
  await assert.rejects(takeLock(state, process.pid), kind('daemon-running'));
  await writeFile(join(state, 'lock'), `${pid} ${Number(ticks) - 1}@\n`);
  const lock = await takeLock(state, process.pid);
  await lock.release();
  await held.release();
});

test('nobody is kept out by a lock with the number of their own process', async (t) => {
  const state = await folder(t);
  await writeFile(join(state, 'lock'), `${process.pid} \n`);
  const lock = await takeLock(state, process.pid);
  await lock.release();
});

test('the installation id stays, and a damaged one is refused rather than replaced', async (t) => {
  const state = await folder(t);
  const id = await installationId(state, () => 'installation-1');
  assert.equal(await installationId(state, () => 'installation-2'), id);
  await writeFile(join(state, 'installation'), '');
  await assert.rejects(
    installationId(state, () => 'installation-3'),
    kind('state-folder'),
  );
});

test('a state folder that others can write to is refused', async (t) => {
  const state = await folder(t);
  await chmod(state, 0o777);
  await assert.rejects(ensurePrivateFolder(state, 'PORTALD_STATE_DIR'), kind('state-folder'));
  await writeFile(join(state, 'file'), '');
  await chmod(state, 0o700);
  // Node's own recursive mkdir never comes back from here.
  await assert.rejects(ensurePrivateFolder('/proc/nowhere/below', 'PORTALD_STATE_DIR'), kind('state-folder'));
  await assert.rejects(
    ensurePrivateFolder(join(state, 'file', 'below'), 'PORTALD_STATE_DIR'),
    kind('state-folder'),
  );
});

test('several that meet a full disk at once all get of the reserve', async (t) => {
  const reserve = await keepReserve(join(await folder(t), 'reserve'));
  const attempts = [0, 0, 0];
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  await Promise.all(
    attempts.map((_, index) =>
      reserve.spending(async () => {
        attempts[index] = (attempts[index] ?? 0) + 1;
        if (attempts[index] === 1) throw full;
      }),
    ),
  );
  assert.deepEqual(attempts, [2, 2, 2]);
});
