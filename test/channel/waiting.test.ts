// The rsync that waits for the next pass: it brings what one run by hand would, of everything and of single paths, never
// from a folder that is not the source any more, and nothing of it is left.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Way } from '../../daemon/channel/way.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { type ChannelFixture, holds, patient, startChannelFixture, withPrograms } from './channel-fixture.ts';
import { sideBySide } from './side-by-side.ts';
import {
  inTheMiddle,
  killAll,
  processesThere,
  removeUnknowable,
  slowDown,
  slowRsync,
  speedUp,
  temporaryFiles,
} from './slow-rsync.ts';
import { fillTree, listTree } from './tree.ts';
import { openWay } from './way-fixture.ts';

const test = sideBySide();

/** Of one fixture; each line is a process. */
const waiting = ({ instance }: ChannelFixture): string[] =>
  processesWith(instance.folder).filter((line) => /^rsync .*--ignore-missing-args/.test(line));

/** A way whose first pass is over, and on which an rsync waits; no other can be started. */
async function waitingWay(
  fixture: ChannelFixture,
  more: Partial<ChannelSpecification>,
): Promise<Way & AsyncDisposable> {
  const environment = { ...process.env };
  const way = await openWay(fixture, more, { environment });
  await way.pass(patient.signal, () => {});
  await eventually('one waits', () => waiting(fixture).length === 1);
  environment['PATH'] = '/nowhere';
  return way;
}

/** The tree of the first pass becomes another. */
function edit(source: string, deletes: boolean): void {
  fillTree(join(source, 'moved in'));
  rmSync(join(source, 'sub folder/inner'));
  mkdirSync(join(source, 'sub folder/inner/now a folder'), { recursive: true });
  rmSync(join(source, 'sub folder/deeper'), { recursive: true });
  // Without `delete` it makes no way.
  if (deletes) writeFileSync(join(source, 'sub folder/deeper'), 'now a file');
  for (const name of ['#hash', 'with space', 'gone']) rmSync(join(source, name), { recursive: true });
  writeFileSync(join(source, '#hash'), 'another content');
  mkdirSync(join(source, '#folder/data'), { recursive: true });
  writeFileSync(join(source, '#folder/data/a.pyc'), 'x');
  writeFileSync(join(source, '#folder/file'), 'x');
  mkdirSync(join(source, 'data/data'), { recursive: true });
  writeFileSync(join(source, 'data/data/file'), 'x');
  chmodSync(join(source, 'secret'), 0o640);
  utimesSync(join(source, 'plain.txt'), 1_000_000_001.25, 1_000_000_001.25);
  rmSync(join(source, 'link'));
  symlinkSync('elsewhere', join(source, 'link'));
}

const variants: readonly Partial<ChannelSpecification>[] = [
  { local_path: 'code/' },
  { local_path: 'code' },
  { local_path: './/code/./', delete: true },
  { local_path: 'code', delete: true },
  { local_path: 'code/', delete: true, exclude: ['/data', '*.pyc'] },
  { local_path: 'code', delete: true, exclude: ['/code/data/', 'data/data', '*.pyc'] },
];

for (const variant of variants) {
  const { local_path = '', delete: deletes = false, exclude = [] } = variant;
  const options = [...(deletes ? ['--delete'] : []), ...exclude.map((pattern) => `--exclude=${pattern}`)];
  const setUp = async (fixture: ChannelFixture): Promise<Way & AsyncDisposable> => {
    const source = join(fixture.local, 'code');
    fillTree(source);
    fillTree(join(source, 'gone'));
    const way = await waitingWay(fixture, variant);
    edit(source, deletes);
    for (const name of ['left', 'code/sub folder/left', 'sub folder/left', 'data'])
      mkdirSync(join(fixture.remote, name), { recursive: true });
    execFileSync('cp', ['-a', fixture.remote, join(fixture.instance.folder, 'plain')]);
    return way;
  };
  const byHand = ({ instance, local }: ChannelFixture, from: string, words: readonly string[]): string[] => {
    const plain = join(instance.folder, 'plain');
    execFileSync('rsync', ['-rlpt', ...options, ...words, `${plain}/`], { cwd: join(local, from) });
    return listTree(plain);
  };
  test(`everything, as ${['rsync', ...options, local_path].join(' ')} brings it`, async () => {
    await using fixture = await startChannelFixture();
    await using way = await setUp(fixture);
    await way.pass(patient.signal, () => {});
    assert.deepEqual(listTree(fixture.remote), byHand(fixture, '.', [local_path]));
  });

  test(`single paths, as ${['rsync', ...options, local_path].join(' ')} brings them`, async () => {
    await using fixture = await startChannelFixture();
    await using way = await setUp(fixture);
    const paths = ['moved in', '#folder/data', 'sub folder', '#hash'];
    await way.pass(patient.signal, () => {}, [...paths, 'was there']);
    const isContent = local_path.endsWith('/');
    const words = ['--relative', ...paths.map((path) => (isContent ? path : `code/${path}`))];
    assert.deepEqual(listTree(fixture.remote), byHand(fixture, isContent ? 'code' : '.', words));
  });
}

test('a source that was replaced is looked at as it is now, also while one just begins to wait', async () => {
  await using fixture = await startChannelFixture();
  const source = join(fixture.local, 'code');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'x');
  await using way = await openWay(fixture, { local_path: 'code/', delete: true });
  const arrives = async (): Promise<void> => {
    await way.pass(patient.signal, () => {});
    assert.deepEqual(listTree(fixture.remote), listTree(source));
  };
  await arrives();
  await eventually('one waits', () => waiting(fixture).length === 1);
  renameSync(source, `${source} away`);
  mkdirSync(source);
  writeFileSync(join(source, 'other'), 'y');
  await arrives();
  // It begins to wait while another folder is in the source's place, which comes back before it is used.
  for (let index = 0; index < 3; index++) {
    renameSync(source, `${source} for a while`);
    mkdirSync(source);
    await eventually('one waits', () => waiting(fixture).length === 1);
    rmSync(source, { recursive: true });
    renameSync(`${source} for a while`, source);
    await arrives();
  }
});

test('one that was killed is replaced; nothing waits after closing, here or there', async () => {
  await using fixture = await startChannelFixture();
  await using way = await openWay(fixture, { local_path: './', remote_path: `${fixture.remote}/` });
  await way.pass(patient.signal, () => {});
  const there = (): number[] => processesThere(fixture, 'rsync --server');
  await eventually('one waits', () => waiting(fixture).length === 1);
  execFileSync('pkill', ['-KILL', '-f', `^rsync .*--ignore-missing-args.*${fixture.remote}`]);
  await eventually('none waits', () => waiting(fixture).length === 0);
  writeFileSync(join(fixture.local, 'file'), 'x');
  await way.pass(patient.signal, () => {});
  assert.deepEqual(listTree(fixture.remote), listTree(fixture.local));
  await eventually('another waits', () => waiting(fixture).length === 1 && there().length > 0);
  await way.close();
  assert.deepEqual(waiting(fixture), []);
  await eventually('none is left there', () => there().length === 0);
});

test('where the other end has ended meanwhile, another does the work at once', async () => {
  await using fixture = await startChannelFixture();
  await using way = await openWay(fixture);
  await way.pass(patient.signal, () => {});
  await eventually('one waits', () => processesThere(fixture, '--server').length > 0);
  writeFileSync(join(fixture.local, 'file'), 'x');
  killAll(processesThere(fixture, '--server'), 'SIGKILL');
  await way.pass(patient.signal, () => {});
  assert.deepEqual(listTree(fixture.remote), listTree(fixture.local));
});

test('the other end is lost in the middle: another does the work, and what was left is removed', async () => {
  await using fixture = await startChannelFixture({ programs: slowRsync });
  slowDown(fixture, 500);
  await using way = await openWay(fixture, {}, { environment: withPrograms(fixture.instance) });
  await way.pass(patient.signal, () => {});
  await eventually('one waits', () => waiting(fixture).length === 1);
  writeFileSync(join(fixture.local, 'large'), randomBytes(5_000_000));
  const passing = way.pass(patient.signal, () => {});
  await inTheMiddle(fixture.remote);
  speedUp(fixture);
  // Who writes first: it would remove its copy if it saw the others end.
  const youngestFirst = processesThere(fixture, '--server').sort((a, b) => b - a);
  killAll(youngestFirst, 'SIGKILL');
  await passing;
  assert.equal(temporaryFiles(fixture.remote).length, 1);
  removeUnknowable(fixture.remote);
  await way.tidy(patient.signal);
  assert.deepEqual(listTree(fixture.remote), listTree(fixture.local));
});

test('the other end is lost while the source becomes empty: nothing is deleted', async () => {
  await using fixture = await startChannelFixture({ programs: slowRsync });
  const environment = withPrograms(fixture.instance);
  const source = join(fixture.local, 'code');
  mkdirSync(source);
  writeFileSync(join(source, 'kept'), 'x');
  slowDown(fixture, 500);
  await using way = await openWay(fixture, { local_path: 'code/', delete: true }, { environment });
  await way.pass(patient.signal, () => {});
  await eventually('one waits', () => waiting(fixture).length === 1);
  writeFileSync(join(source, 'large'), randomBytes(5_000_000));
  const passing = assert.rejects(
    way.pass(patient.signal, () => {}),
    /empty/,
  );
  await inTheMiddle(fixture.remote);
  renameSync(source, `${source} away`);
  mkdirSync(source);
  killAll(processesThere(fixture, '--server'), 'SIGKILL');
  await passing;
  assert.ok(holds(join(fixture.remote, 'kept'), 'x')());
});

test('a pass that is called off ends the one that it used', async () => {
  await using fixture = await startChannelFixture();
  await using way = await openWay(fixture);
  await way.pass(patient.signal, () => {});
  await eventually('one waits', () => waiting(fixture).length === 1);
  writeFileSync(join(fixture.local, 'large'), Buffer.alloc(50_000_000, 'x'));
  const calledOff = AbortSignal.timeout(20);
  await assert.rejects(way.pass(calledOff, () => {}));
  await way.close();
  assert.deepEqual(waiting(fixture), []);
});

test('a source that cannot be told by names is compared by itself', async () => {
  await using fixture = await startChannelFixture();
  mkdirSync(join(fixture.local, 'flat/inner'), { recursive: true });
  await using way = await openWay(fixture, { local_path: 'flat/', recursive: false });
  await way.pass(patient.signal, () => {});
  writeFileSync(join(fixture.local, 'flat/file'), 'x');
  await way.pass(patient.signal, () => {}, ['inner']);
  assert.deepEqual(waiting(fixture), []);
  assert.deepEqual(
    listTree(fixture.remote),
    listTree(join(fixture.local, 'flat')).filter((line) => line.startsWith('file')),
  );
});
