// Batches that an instance makes, honest ones and others: what is applied, and that nothing else is touched.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBatchGuard } from '../../daemon/channel/batch-guard.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { applierIn, apply, give, makePlace, protocol, replaced } from './batch-place.ts';
import { sideBySide } from './side-by-side.ts';
import { listTree } from './tree.ts';

const test = sideBySide();

test('files and links come as they are, one batch after the other', async () => {
  using place = makePlace();
  mkdirSync(join(place.there, 'folder'));
  mkdirSync(join(place.here, 'folder'));
  writeFileSync(join(place.there, 'folder/file'), 'one', { mode: 0o640 });
  symlinkSync('file', join(place.there, 'folder/link'));
  const first = place.batch(['folder', 'folder/file', 'folder/link']);
  writeFileSync(join(place.there, 'folder/file'), 'two');
  writeFileSync(join(place.there, 'large'), Buffer.alloc(3_000_000, 'x'));
  const second = place.batch(['folder', 'folder/file', 'large']);
  assert.deepEqual(await apply(place, [first, second]), ['applied', 'applied']);
  assert.deepEqual(listTree(place.here), listTree(place.there));
});

test('no flags but ours reach rsync: no owners, no devices, no writing in place, no compression', async () => {
  for (const flags of ['-lptWRIo', '-lptWRIg', '-lptWRID', '-lptWRIH', '-rlptWRI', '-lptWRIz']) {
    using place = makePlace();
    writeFileSync(join(place.there, 'file'), 'x');
    assert.match((await apply(place, [place.batch(['file'], [flags])]))[0] ?? '', /flags/, flags);
    assert.deepEqual(readdirSync(place.here), []);
  }
  using place = makePlace();
  writeFileSync(join(place.there, 'file'), 'x');
  const inPlace = place.batch(['file'], ['-lptWRI', '--inplace']);
  assert.match((await apply(place, [inPlace, Buffer.alloc(0), Buffer.from([0x88])]))[0] ?? '', /flags/);
  assert.deepEqual(readdirSync(place.here), []);
});

for (const [what, nameIn] of [
  ['upwards', () => '../evil'],
  ['upwards from a folder', () => 'link/../../evil'],
  ['to an absolute place', (outside: string) => `${outside}/evil`],
  ['through a link that is in the batch', () => 'link/evil'],
  ['through a link that was here', () => 'old/evil'],
] as const) {
  test(`a name that leads ${what} is refused`, async () => {
    using place = makePlace();
    symlinkSync(place.outside, join(place.there, 'link'));
    symlinkSync(place.outside, join(place.here, 'old'));
    const bad = nameIn(place.outside);
    const honest = 'q'.repeat(bad.length);
    writeFileSync(join(place.there, honest), 'evil');
    const batch = replaced(place.batch(['link', honest]), honest, bad);
    assert.notEqual((await apply(place, [batch]))[0], 'applied');
    assert.deepEqual(readdirSync(place.outside), []);
    assert.ok(!readdirSync(join(place.here, '..')).includes('evil'));
  });
}

test('privileged modes do not come', async () => {
  using place = makePlace();
  writeFileSync(join(place.there, 'program'), 'x');
  chmodSync(join(place.there, 'program'), 0o7777);
  assert.deepEqual(await apply(place, [place.batch(['program'])]), ['applied']);
  assert.match(listTree(place.here).join(), /777/);
  const mode = execFileSync('stat', ['-c', '%a', join(place.here, 'program')], { encoding: 'utf8' });
  assert.equal(mode, '777\n');
});

test('what is cut, damaged or no batch at all is not applied, and the next one is', async () => {
  using place = makePlace();
  writeFileSync(join(place.there, 'file'), 'x'.repeat(20_000));
  const whole = place.batch(['file']);
  const outcomes = await apply(place, [whole.subarray(0, 9000), Buffer.from('garbage'), Buffer.alloc(0)]);
  assert.ok(
    outcomes.every((outcome) => outcome !== 'applied'),
    outcomes.join('; '),
  );
  // rsync's own sum finds it, and nothing comes; but it tells of no failure.
  await apply(place, [replaced(whole, 'xxxxxx', 'xxxyxx')]);
  assert.deepEqual(readdirSync(place.here), []);
  assert.deepEqual(await apply(place, [whole]), ['applied']);
});

test('a folder that was replaced is not written to, and keeps its mode', async () => {
  for (const isFirst of [true, false]) {
    using place = makePlace();
    writeFileSync(join(place.there, 'file'), 'x');
    const batch = place.batch(['file']);
    const applier = applierIn(place);
    try {
      if (!isFirst) assert.equal(await give(applier, batch), 'applied');
      // The stage for the next batch knows the folder that is there now.
      await eventually('it waits', () => processesWith(`--read-batch=- -- ${place.here}`).length > 0);
      renameSync(place.here, `${place.here}-old`);
      mkdirSync(place.here, { mode: 0o711 });
      assert.match(await give(applier, batch), /replaced/);
      assert.equal(statSync(place.here).mode & 0o777, 0o711);
      assert.deepEqual(readdirSync(place.here), []);
    } finally {
      await applier.close();
    }
  }
});

const beginning = [0x88, 0, 0, 0, protocol, 0, 0, 0, 0x81, 0xfe];

test('the guard lets nothing through before it has seen how the batch begins', () => {
  const guard = createBatchGuard(protocol);
  for (const byte of beginning.slice(0, -1)) assert.equal(guard.pass(Buffer.from([byte])).length, 0);
  assert.deepEqual(guard.pass(Buffer.from([0xfe, 1, 2])), Buffer.from([...beginning, 1, 2]));
  assert.deepEqual(guard.pass(Buffer.from([3])), Buffer.from([3]));
});

test('the guard takes the options, the protocol and the agreement of the watcher, and no others', () => {
  const guard = (at: number, value: number): Buffer =>
    createBatchGuard(protocol).pass(Buffer.from(beginning.with(at, value)));
  assert.throws(() => guard(0, 0x80), /flags/);
  assert.throws(() => guard(3, 1), /flags/);
  assert.throws(() => guard(4, protocol - 1), /flags/);
  assert.throws(() => guard(9, 0xff), /agreed/);
  assert.throws(() => guard(8, 0x83), /agreed/);
  assert.throws(() => guard(8, 0xff), /agreed/);
  assert.equal(guard(8, 0x7e).length, beginning.length, 'fewer may be agreed upon');
});

test('the guard ends what is longer than any batch of the watcher', () => {
  const guard = createBatchGuard(protocol);
  guard.pass(Buffer.from(beginning));
  const piece = Buffer.alloc(65_536);
  for (let mb = 0; mb < 8; mb++) for (let at = 0; at < 16; at++) guard.pass(piece);
  assert.throws(() => guard.pass(piece), /more than/);
});
