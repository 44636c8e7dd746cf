// The short way of a save: batches of named files over a real connection, what they cannot do, and that nothing of them is
// left running.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../../daemon/channel/changed-files.ts';
import type { Way } from '../../daemon/channel/way.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';
import { processesThere } from './slow-rsync.ts';
import { fillTree, listTree } from './tree.ts';
import { openWay } from './way-fixture.ts';

const test = sideBySide();

async function armed<Opened extends Way>(way: Opened): Promise<Opened> {
  await way.pass(patient.signal, () => {});
  await eventually('a pair is armed', () => way.takesNames());
  return way;
}

const sent = { outcome: 'sent', isPassNeeded: false };

async function outcomeOf(way: Way, changes: readonly Change[]): Promise<object> {
  const { outcome, isPassNeeded } = await way.send(changes);
  return { outcome, isPassNeeded };
}

test('named files arrive as a pass would bring them, whatever their names are', async () => {
  await using fixture = await startChannelFixture();
  await using way = await armed(await openWay(fixture));
  fillTree(fixture.local);
  await rm(join(fixture.local, 'sub folder'), { recursive: true });
  await mkdir(join(fixture.local, 'new/deeper'), { recursive: true });
  await writeFile(join(fixture.local, 'new/deeper/file'), 'x', { mode: 0o751 });
  const names = (await readdir(fixture.local)).filter((name) => name !== 'new' && !name.includes('\uFFFD'));
  const changes = [...names.map((child) => ({ path: '', child })), { path: 'new/deeper/file' }];
  assert.deepEqual(await outcomeOf(way, changes), sent);
  const arrived = listTree(fixture.remote);
  assert.deepEqual(
    arrived,
    listTree(fixture.local).filter((line) => !line.startsWith('not-utf8')),
  );
  await way.close();
});

test('each save arrives: of the same size and second, a changed mode, a link for a file', async () => {
  await using fixture = await startChannelFixture();
  await using way = await armed(await openWay(fixture));
  const [here, there] = [join(fixture.local, 'file'), join(fixture.remote, 'file')];
  const send = async (): Promise<void> => {
    await eventually('a pair is armed', () => way.takesNames());
    assert.deepEqual(await outcomeOf(way, [{ path: 'file' }]), sent);
  };
  for (const text of ['one', 'two', 'six']) {
    await writeFile(here, text);
    await utimes(here, 1_000_000_000, 1_000_000_000);
    await send();
    assert.equal(readFileSync(there, 'utf8'), text);
  }
  await chmod(here, 0o700);
  await send();
  assert.equal(execFileSync('stat', ['-c', '%a', there], { encoding: 'utf8' }), '700\n');
  await rm(here);
  await symlink('elsewhere', here);
  await send();
  assert.deepEqual(listTree(fixture.remote), ['file -> elsewhere']);
  await way.close();
});

test('without a slash it goes to a folder of its name', async () => {
  await using fixture = await startChannelFixture();
  await mkdir(join(fixture.local, 'code'));
  await using way = await armed(
    await openWay(fixture, { local_path: 'code', remote_path: 'there', exclude: ['/code/data', '/file'] }),
  );
  await mkdir(join(fixture.local, 'code/data'));
  await writeFile(join(fixture.local, 'code/file'), 'x');
  await writeFile(join(fixture.local, 'code/data/file'), 'x');
  const nothing = { outcome: 'nothing', isPassNeeded: false };
  assert.deepEqual(await outcomeOf(way, [{ path: 'data/file' }]), nothing);
  assert.deepEqual(await outcomeOf(way, [{ path: 'file' }]), sent);
  assert.equal(readFileSync(join(fixture.remote, 'code/file'), 'utf8'), 'x');
  await way.close();
});

test('a single file goes by its name, where it has the same there, and touches nothing beside it', async () => {
  await using fixture = await startChannelFixture();
  const mode = (): string => execFileSync('stat', ['-c', '%a', fixture.remote], { encoding: 'utf8' });
  await chmod(fixture.remote, 0o751);
  await writeFile(join(fixture.local, 'notes'), 'zero');
  await writeFile(join(fixture.local, 'other'), 'x');
  for (const remote of ['there/notes', 'there/', 'there']) {
    const way = await armed(
      await openWay(fixture, { local_path: 'notes', remote_path: remote, exclude: ['notes/', '/not'] }),
    );
    await writeFile(join(fixture.local, 'notes'), remote);
    assert.deepEqual(await outcomeOf(way, [{ path: '' }]), sent);
    assert.equal(readFileSync(join(fixture.remote, 'notes'), 'utf8'), remote);
    await way.close();
  }
  assert.deepEqual([await readdir(fixture.remote), mode()], [['notes'], '751\n']);
  const renamed = await openWay(fixture, { local_path: 'notes', remote_path: 'there/renamed' });
  await renamed.pass(patient.signal, () => {});
  assert.equal(renamed.takesNames(), false);
  await renamed.close();
});

test('what is excluded or gone is not sent; what only rsync can judge never goes this way', async () => {
  await using fixture = await startChannelFixture();
  await using way = await armed(await openWay(fixture, { exclude: ['*.pyc', '.git/'] }));
  await mkdir(join(fixture.local, '.git'));
  for (const name of ['a.pyc', '.git/HEAD', 'a.py']) await writeFile(join(fixture.local, name), name);
  assert.deepEqual(await outcomeOf(way, [{ path: 'a.pyc' }, { path: '.git/HEAD' }, { path: 'gone' }]), {
    outcome: 'nothing',
    isPassNeeded: false,
  });
  assert.deepEqual(await outcomeOf(way, [{ path: 'a.pyc' }, { path: 'a.py' }]), sent);
  assert.deepEqual(await readdir(fixture.remote), ['a.py']);
  await way.close();

  const judged = await openWay(fixture, { exclude: ['- a.py'] });
  await judged.pass(patient.signal, () => {});
  assert.equal(judged.takesNames(), false);
  assert.equal((await judged.send([{ path: 'a.py' }])).outcome, 'failed');
  await judged.close();
});

test('a source that was replaced is not sent from; the next pair is armed on the new one', async () => {
  await using fixture = await startChannelFixture();
  await mkdir(join(fixture.local, 'code'));
  await using way = await armed(await openWay(fixture, { local_path: 'code/' }));
  await rename(join(fixture.local, 'code'), join(fixture.local, 'old'));
  await mkdir(join(fixture.local, 'code'));
  await writeFile(join(fixture.local, 'code/file'), 'new');
  assert.deepEqual(await outcomeOf(way, [{ path: 'file' }]), { outcome: 'failed', isPassNeeded: true });
  await eventually('it arrives', async () => {
    const { outcome } = way.takesNames() ? await way.send([{ path: 'file' }]) : { outcome: '' };
    return outcome === 'sent';
  });
  assert.equal(readFileSync(join(fixture.remote, 'file'), 'utf8'), 'new');
  await way.close();
});

test('an end that was killed is armed anew, and nothing is left after closing', async () => {
  await using fixture = await startChannelFixture();
  await using way = await armed(await openWay(fixture));
  const ours = (): string[] =>
    processesWith(fixture.instance.folder).filter((line) => /^(ssh|rsync) /.test(line));
  await eventually('both are armed', () => ours().filter((line) => line.startsWith('rsync')).length >= 2);
  execFileSync('pkill', ['-KILL', '-f', `rsync .*only-write-batch=${fixture.instance.folder}`]);
  await writeFile(join(fixture.local, 'file'), 'x');
  await eventually('it arrives', async () => {
    const { outcome } = way.takesNames() ? await way.send([{ path: 'file' }]) : { outcome: '' };
    return outcome === 'sent';
  });
  await way.close();
  assert.deepEqual(
    ours().filter((line) => /only-write-batch|read-batch/.test(line)),
    [],
  );
});

test('closed while it is just arming, it ends at once', { timeout: 60_000 }, async () => {
  await using fixture = await startChannelFixture();
  for (let index = 0; index < 8; index++) {
    const way = await openWay(fixture);
    await way.pass(patient.signal, () => {});
    await sleep(index);
    await way.close();
  }
});

test('a reader that ends in the middle of a batch is told at once', { timeout: 30_000 }, async () => {
  await using fixture = await startChannelFixture();
  await using way = await armed(await openWay(fixture, { remote_path: `${fixture.remote}/` }));
  const readers = `rsync .*--read-batch=- -- ${fixture.remote}`;
  await eventually('two wait', () => processesWith(`--read-batch=- -- ${fixture.remote}`).length >= 2);
  execFileSync('pkill', ['-STOP', '-f', readers]);
  // More than every buffer on the way holds.
  await writeFile(join(fixture.local, 'file'), Buffer.alloc(4 * 1024 * 1024 - 1, 'x'));
  const sending = way.send([{ path: 'file' }]);
  // Time for it to fill what it can; whenever the readers end, it fails.
  await sleep(300);
  execFileSync('pkill', ['-KILL', '-f', readers]);
  assert.equal((await sending).outcome, 'failed');
  await way.close();
});

test('what a reader leaves running is ended, and its end is told at once', { timeout: 30_000 }, async () => {
  // As an rsync does at times that is ended by a signal: one of its two processes stays, and holds the session.
  const leaving = '*--read-batch=*) sleep 1000 & cat >/dev/null; exit 20;;';
  const rsync = `#!/bin/sh\nPATH=\${PATH#*:}\ncase "$*" in ${leaving} esac\nexec rsync "$@"\n`;
  await using fixture = await startChannelFixture({ programs: { rsync } });
  await using way = await armed(await openWay(fixture));
  await writeFile(join(fixture.local, 'file'), 'x');
  assert.equal((await way.send([{ path: 'file' }])).outcome, 'failed');
  await way.close();
  await eventually('nothing is left there', () => processesThere(fixture, 'sleep 1000').length === 0);
});

test('what waits on the instance ends with the pair, and holds no folder there', async () => {
  await using fixture = await startChannelFixture();
  await using way = await armed(await openWay(fixture, { remote_path: `${fixture.remote}/` }));
  const there = (): string[] => processesWith(`--read-batch=- -- ${fixture.remote}`);
  await eventually('two wait', () => there().length >= 2);
  await way.close();
  await eventually('nothing waits', () => there().length === 0);
});

test('a connection that is lost is told, and not waited for', async () => {
  await using fixture = await startChannelFixture();
  await using way = await armed(await openWay(fixture));
  await fixture.instance.stop();
  await writeFile(join(fixture.local, 'file'), 'x');
  assert.equal((await way.send([{ path: 'file' }])).outcome, 'failed');
  await way.close();
});

test('past the sessions of the shared connection, what waits has one of its own, which ends with it', async () => {
  await using fixture = await startChannelFixture();
  await using way = await armed(await openWay(fixture, {}, { limit: 0 }));
  const own = (): string[] => processesWith(fixture.instance.folder).filter((line) => / -S none /.test(line));
  await eventually('both pairs and the next pass have one', () => own().length === 3);
  await writeFile(join(fixture.local, 'file'), 'x');
  assert.deepEqual(await outcomeOf(way, [{ path: 'file' }]), sent);
  assert.equal(readFileSync(join(fixture.remote, 'file'), 'utf8'), 'x');
  await way.close();
  assert.deepEqual(own(), []);
});
