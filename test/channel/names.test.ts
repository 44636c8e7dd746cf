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

test('changes become names of files as they are now; the rest needs a pass', async () => {
  const folder = join(root, 'changes');
  await mkdir(join(folder, 'sub'), { recursive: true });
  await writeFile(join(folder, 'file'), 'x');
  await writeFile(join(folder, 'sub/file'), 'x');
  await writeFile(join(folder, 'large'), Buffer.alloc(5 * 1024 * 1024));
  for (const name of ['half', 'other half'])
    await writeFile(join(folder, name), Buffer.alloc(3 * 1024 * 1024));
  await symlink('sub', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const options = { isExcluded: (name: string): boolean => name.endsWith('.pyc'), deletes: false };
  const of = async (...changes: readonly Change[]): Promise<object> => {
    const { names, isPassNeeded } = await changedFiles(folder, changes, options);
    return { names, isPassNeeded };
  };

  const twice = await of({ path: '', child: 'file' }, { path: 'file' }, { path: 'file', child: 'file' });
  assert.deepEqual(twice, { names: ['file'], isPassNeeded: false });
  assert.deepEqual(await of({ path: 'sub', child: 'file' }), { names: ['sub/file'], isPassNeeded: false });
  assert.deepEqual(await of({ path: 'link' }), { names: ['link'], isPassNeeded: false });
  assert.deepEqual(await of({ path: 'link/file' }), { names: [], isPassNeeded: true }, 'through a link');
  assert.deepEqual(await of({ path: 'sub' }), { names: [], isPassNeeded: true }, 'a folder');
  assert.deepEqual(await of({ path: '' }), { names: [], isPassNeeded: true }, 'the source itself');
  assert.deepEqual(await of({ path: 'pipe' }, { path: 'a.pyc' }), { names: [], isPassNeeded: false });
  const besideLarge = await of({ path: 'large' }, { path: 'file' });
  assert.deepEqual(besideLarge, { names: ['file'], isPassNeeded: true }, 'what is beside a large file goes');
  const together = await of({ path: 'half' }, { path: 'other half' }, { path: 'file' });
  assert.deepEqual(together, { names: [], isPassNeeded: true }, 'much together does not');
  assert.deepEqual(await of({ path: 'n\uFFFD' }), { names: [], isPassNeeded: true }, 'not UTF-8');
  assert.deepEqual(await of({ path: 'gone' }, { path: 'file' }), { names: ['file'], isPassNeeded: false });
  const deleting = await changedFiles(folder, [{ path: 'gone' }], { ...options, deletes: true });
  assert.deepEqual(deleting, { names: [], bytes: 0, isPassNeeded: true });
  assert.equal((await changedFiles(folder, [{ path: 'file' }, { path: 'sub/file' }], options)).bytes, 2);
});

test('names go first, but everything is looked at in its turn; too many names are everything', () => {
  const pending = createPending();
  assert.equal(pending.next(), 'everything', 'at first');
  pending.takeEverything();
  pending.note({ path: 'a' });
  pending.note({ path: 'a' });
  assert.equal(pending.next(), 'names');
  pending.note();
  assert.equal(pending.next(), 'names');
  assert.deepEqual(pending.takeNames(), [{ path: 'a' }]);
  pending.note({ path: 'b' });
  assert.equal(pending.next(), 'everything', 'saves do not put it off');
  pending.takeEverything();
  assert.equal(pending.isEverything(), false);
  for (let index = 0; index <= 64; index++) pending.note({ path: String(index) });
  assert.equal(pending.next(), 'everything');
});

test('everything is looked at again: soon after names were sent, seldom else, later if it takes long', () => {
  const audit = createAudit();
  assert.equal(audit.dueAt(), undefined);
  audit.passed(0, 1000);
  assert.equal(audit.dueAt(), 601_000);
  audit.sent();
  assert.equal(audit.dueAt(), 61_000);
  audit.passed(100_000, 130_000);
  assert.equal(audit.dueAt(), 130_000 + 1_500_000);
  audit.sent();
  assert.equal(audit.dueAt(), 130_000 + 1_500_000);
});
