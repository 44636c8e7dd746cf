// A channel's life: what is saved arrives, whatever happens in between, and nothing is left running.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { holds, patient, startChannelFixture } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';
import { inTheMiddle, slowDown, slowRsync } from './slow-rsync.ts';

const test = sideBySide();

const outbound = {
  direction: 'out',
  local_path: './',
  remote_path: '~/there/',
  recursive: true,
  delay: 0.05,
} as const;
const inbound = { ...outbound, direction: 'in' } as const;

test('a file saved after the start arrives, and so does the next save of it, and a changed mode', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open(outbound);
  channel.resume(await fixture.transport());
  await eventually('the first pass is done', () => channel.view().synchronisations > 0);
  await mkdir(join(fixture.local, 'new folder'));
  await writeFile(join(fixture.local, 'new folder/file'), 'one');
  await eventually('it arrives', holds(join(fixture.remote, 'new folder/file'), 'one'));
  await writeFile(join(fixture.local, 'new folder/file'), 'two');
  await eventually('it arrives again', holds(join(fixture.remote, 'new folder/file'), 'two'));
  await chmod(join(fixture.local, 'new folder/file'), 0o755);
  await eventually('its mode arrives', () => {
    const mode = execFileSync('stat', ['-c', '%a', join(fixture.remote, 'new folder/file')], {
      encoding: 'utf8',
    });
    return mode === '755\n';
  });
});

test('changes on the instance arrive here, without privileged modes', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open(inbound);
  channel.resume(await fixture.transport());
  await writeFile(join(fixture.remote, 'result'), 'one');
  await chmod(join(fixture.remote, 'result'), 0o6755);
  await eventually('it arrives', holds(join(fixture.local, 'result'), 'one'));
  await channel.synchronise(patient);
  const mode = execFileSync('stat', ['-c', '%a', join(fixture.local, 'result')], { encoding: 'utf8' });
  assert.equal(mode, '755\n');
});

test('what is saved while paused and during an outage arrives after resuming', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open(outbound);
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await channel.pause();
  assert.equal(channel.view().state, 'stopped');
  await writeFile(join(fixture.local, 'while paused'), 'a');
  await fixture.instance.stop();
  await eventually('the loss is seen', () => fixture.link.transport() === undefined);
  await writeFile(join(fixture.local, 'while away'), 'b');
  assert.ok(!existsSync(join(fixture.remote, 'while paused')));
  await fixture.instance.start();
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  assert.deepEqual((await readdir(fixture.remote)).toSorted(), ['while away', 'while paused']);
});

test('an outage that the channel is not told of is survived', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open(outbound);
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  await fixture.instance.stop();
  await writeFile(join(fixture.local, 'file'), 'saved');
  await eventually(
    'it retries',
    () => channel.view().state === 'retrying' && channel.view().error !== undefined,
  );
  await fixture.instance.start();
  await eventually('it arrives', holds(join(fixture.remote, 'file'), 'saved'), 60_000);
  await eventually('the error goes', () => channel.view().error === undefined);
});

test('a burst of saves arrives whole', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...outbound, delay: 0 });
  channel.resume(await fixture.transport());
  for (let number = 0; number < 500; number++) {
    await writeFile(join(fixture.local, `file ${number % 50}`), `save ${number}`);
  }
  await eventually('the last ones arrive', () =>
    Array.from({ length: 50 }, (_, index) => index).every((index) =>
      holds(join(fixture.remote, `file ${index}`), `save ${450 + index}`)(),
    ),
  );
});

test('only `delete` deletes, and never what is excluded', async () => {
  await using fixture = await startChannelFixture();
  for (const name of ['kept', 'excluded']) await writeFile(join(fixture.remote, name), 'old');
  const keeping = fixture.open(outbound);
  keeping.resume(await fixture.transport());
  await keeping.synchronise(patient);
  assert.deepEqual((await readdir(fixture.remote)).toSorted(), ['excluded', 'kept']);
  await keeping.close();
  // An empty source would delete nothing.
  await writeFile(join(fixture.local, 'own'), 'new');
  const deleting = fixture.open({ ...outbound, delete: true, exclude: ['/excluded'] });
  deleting.resume(await fixture.transport());
  await deleting.synchronise(patient);
  assert.deepEqual((await readdir(fixture.remote)).toSorted(), ['excluded', 'own']);
  assert.deepEqual([deleting.view().deleted, deleting.view().last?.deleted], [1, 1]);
});

test('what is to be fetched and is not there yet is noted, and no failure', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...inbound, remote_path: `${fixture.remote}/later/`, delay: 0.05 });
  channel.resume(await fixture.transport());
  await eventually('it is noted', () => /later.*not exist/.test(channel.view().note ?? ''));
  assert.deepEqual([channel.view().synchronisations, channel.view().error], [0, undefined]);
  await mkdir(join(fixture.remote, 'later'));
  await writeFile(join(fixture.remote, 'later/file'), 'one');
  await eventually('it arrives', holds(join(fixture.local, 'file'), 'one'));
  await eventually('the note goes', () => channel.view().note === undefined);
});

test('pausing ends a pass under way, and nothing is left running after closing', async () => {
  await using fixture = await startChannelFixture({ programs: slowRsync, alsoHere: true });
  // Half a minute, if nobody ended it.
  slowDown(fixture, 100);
  await writeFile(join(fixture.local, 'large'), randomBytes(3_000_000));
  const channel = fixture.open(outbound);
  channel.resume(await fixture.transport());
  const waiting = assert.rejects(channel.synchronise(patient), { kind: 'channel' });
  await inTheMiddle(fixture.remote);
  await channel.pause();
  await waiting;
  assert.equal(channel.view().state, 'stopped');
  assert.equal(channel.view().error, undefined);
  assert.deepEqual(
    processesWith('rsync').filter((line) => line.includes(fixture.local)),
    [],
  );
  assert.ok(!existsSync(join(fixture.remote, 'large')), 'half a file never has its name');
  await assert.rejects(channel.synchronise(patient), { kind: 'channel' });
  await channel.close();
  await channel.close();
  await fixture.link.close();
  const ours = processesWith(fixture.instance.folder).filter((line) => /^(ssh|rsync) /.test(line));
  assert.deepEqual(ours, []);
});

test('pausing ends a batch that the instance does not take', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...outbound, remote_path: `${fixture.remote}/`, delay: 0 });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  const readers = `rsync .*--read-batch=- -- ${fixture.remote}`;
  await eventually('two wait', () => processesWith(`--read-batch=- -- ${fixture.remote}`).length >= 2);
  execFileSync('pkill', ['-STOP', '-f', readers]);
  await writeFile(join(fixture.local, 'file'), 'x');
  await eventually('it is sent', () => channel.view().state === 'synchronising');
  await channel.pause();
  execFileSync('pkill', ['-KILL', '-f', readers]);
  channel.resume(await fixture.transport());
  await eventually('it arrives', holds(join(fixture.remote, 'file'), 'x'));
});

test('synchronise rejects when its time is over and when it is given up', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({ ...outbound, local_path: 'nowhere/' });
  channel.resume(await fixture.transport());
  const tooLate = channel.synchronise({ timeoutMs: 300, signal: patient.signal });
  await assert.rejects(tooLate, /nowhere.*does not exist/);
  await assert.rejects(channel.synchronise({ timeoutMs: 20_000, signal: AbortSignal.abort() }), {
    kind: 'cancelled',
  });
});

test('a pipe in the source is not carried, and that is told until it is gone', async () => {
  await using fixture = await startChannelFixture();
  execFileSync('mkfifo', [join(fixture.local, 'pipe'), join(fixture.local, 'other pipe')]);
  await writeFile(join(fixture.local, 'file'), 'one');
  const channel = fixture.open(outbound);
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  assert.match(channel.view().note ?? '', /^2 things that are no file, folder or link .* not carried$/);
  assert.deepEqual(await readdir(fixture.remote), ['file']);
  for (const name of ['pipe', 'other pipe']) await rm(join(fixture.local, name));
  await channel.synchronise(patient);
  assert.equal(channel.view().note, undefined);
});
