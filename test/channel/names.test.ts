// Which files are told to a batch by their names, and when everything is looked at instead.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createAudit } from '../../daemon/channel/audit.ts';
import { type Change, changedFiles } from '../../daemon/channel/changed-files.ts';
import { createPending } from '../../daemon/channel/pending.ts';

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'portald-names-'));
});
after(() => rm(root, { recursive: true, force: true }));

test('changes become names of files as they are now, and paths to compare; the rest needs a pass over everything', async () => {
  const folder = join(root, 'changes');
  for (const name of ['sub/inner', 'cache.pyc']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'file'), 'x');
  await writeFile(join(folder, 'sub/file'), 'x');
  await writeFile(join(folder, 'large'), Buffer.alloc(5 * 1024 * 1024));
  for (const name of ['half', 'other half'])
    await writeFile(join(folder, name), Buffer.alloc(3 * 1024 * 1024));
  await symlink('sub', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const options = { isExcluded: (name: string): boolean => name.endsWith('.pyc'), deletes: false };
  const of = async (...changes: readonly Change[]): Promise<object> => {
    const { bytes: _, ...told } = await changedFiles(folder, changes, options);
    return told;
  };
  const files = (...names: string[]): object => ({ names, compared: [], isPassNeeded: false });
  const compared = (...paths: string[]): object => ({ names: [], compared: paths, isPassNeeded: false });
  const everything = { names: [], compared: [], isPassNeeded: true };

  const twice = await of({ path: '', child: 'file' }, { path: 'file' }, { path: 'file', child: 'file' });
  assert.deepEqual(twice, files('file'));
  assert.deepEqual(await of({ path: 'sub', child: 'file' }), files('sub/file'));
  assert.deepEqual(await of({ path: 'link' }), files('link'));
  assert.deepEqual(await of({ path: 'link/file' }), everything, 'through a link');
  assert.deepEqual(await of({ path: 'link/inner' }), everything, 'a folder through a link');
  assert.deepEqual(await of({ path: 'sub' }, { path: '', child: 'sub' }), compared('sub'), 'a folder');
  assert.deepEqual(await of({ path: 'sub', child: 'inner' }), compared('sub/inner'));
  assert.deepEqual(await of({ path: '' }), everything, 'the source itself');
  assert.deepEqual(await of({ path: 'pipe' }, { path: 'a.pyc' }, { path: 'cache.pyc' }), files());
  const besideLarge = await of({ path: 'large' }, { path: 'file' });
  assert.deepEqual(
    besideLarge,
    { ...files('file'), compared: ['large'] },
    'what is beside a large file goes',
  );
  const together = await of({ path: 'half' }, { path: 'other half' }, { path: 'file' }, { path: 'sub' });
  assert.deepEqual(together, compared('sub', 'half', 'other half', 'file'), 'much together does not');
  assert.deepEqual(await of({ path: 'n\uFFFD' }), everything, 'not UTF-8');
  assert.deepEqual(await of({ path: 'gone' }, { path: 'file' }), files('file'));
  for (const path of ['gone', 'cache.pyc']) {
    const deleting = await changedFiles(folder, [{ path }], { ...options, deletes: true });
    assert.deepEqual(deleting, { ...everything, bytes: 0 }, path);
  }
  assert.equal((await changedFiles(folder, [{ path: 'file' }, { path: 'sub/file' }], options)).bytes, 2);
});

test('names go first, but everything is looked at in its turn; too many names are their folders, or everything', () => {
  const pending = createPending();
  assert.equal(pending.next(), 'everything', 'at first');
  pending.takeCompared('everything');
  pending.note({ path: 'a' });
  pending.note({ path: 'a' });
  assert.equal(pending.next(), 'names');
  pending.note();
  assert.equal(pending.next(), 'names');
  assert.deepEqual(pending.takeNames(), [{ path: 'a' }]);
  pending.note({ path: 'b' });
  assert.equal(pending.next(), 'everything', 'saves do not put it off');
  pending.takeCompared('everything');
  assert.equal(pending.isEverything(), false);
  for (let index = 0; index <= 64; index++) pending.note({ path: String(index) });
  assert.equal(pending.next(), 'everything');
  pending.takeCompared('everything');
  for (let index = 0; index <= 64; index++) pending.note({ path: `a/b/${index % 33}/${index}` });
  assert.equal(pending.next(), 'everything', 'in too many folders');
  pending.takeCompared('everything');
  for (let index = 0; index <= 64; index++)
    pending.note(index % 2 === 0 ? { path: `a/b/${index}` } : { path: 'a', child: String(index) });
  assert.equal(pending.next(), 'names');
  assert.deepEqual(pending.takeNames(), [{ path: 'a/b' }, { path: 'a' }], 'the folders that they lie in');
});

test('paths are compared once what has names was sent; those in another, and all in everything, go with it', () => {
  const pending = createPending();
  pending.takeCompared('everything');
  pending.noteCompared(['a/b', 'a', 'a/b/c', 'ab']);
  assert.equal(pending.count(), 4);
  assert.equal(pending.isPassNeeded(), true);
  assert.equal(pending.isEverything(), false);
  pending.note({ path: 'x' });
  assert.equal(pending.next(), 'names');
  pending.takeNames();
  pending.note({ path: 'y' });
  assert.equal(pending.next(), 'compared', 'saves do not put it off');
  assert.deepEqual(pending.takeCompared('compared'), ['a', 'ab']);
  assert.equal(pending.isPassNeeded(), false);
  assert.equal(pending.next(), 'names', 'the save is still to be sent');
  pending.noteCompared(['a']);
  pending.note();
  assert.equal(pending.next(), 'names');
  pending.takeNames();
  assert.equal(pending.next(), 'everything');
  assert.equal(pending.takeCompared('everything'), undefined);
  assert.equal(pending.isPassNeeded(), false);
});

test('everything is looked at again: soon after names were sent, seldom else, later if it takes long', () => {
  const audit = createAudit();
  assert.equal(audit.dueAt(), undefined);
  audit.passed(0, 1000);
  assert.equal(audit.dueAt(), 601_000);
  // A minute after the first of them, however long ago the last look was.
  audit.sent(401_000);
  audit.sent(402_000);
  assert.equal(audit.dueAt(), 461_000);
  audit.passed(461_000, 462_000);
  assert.equal(audit.dueAt(), 1_062_000);
  audit.sent(1_061_000);
  assert.equal(audit.dueAt(), 1_062_000);
  audit.passed(1_100_000, 1_130_000);
  assert.equal(audit.dueAt(), 1_130_000 + 1_500_000);
  audit.sent(1_131_000);
  assert.equal(audit.dueAt(), 1_130_000 + 1_500_000);
});
