// What a run leaves behind is found, whatever it is.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mountSmallDisk } from '../channel/small-disk.ts';
import { eventually } from '../fixture/eventually.ts';
import { clearAway } from './clear-away.ts';
import { leftBehind } from './left-behind.ts';

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'left-behind-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('nothing, if there is nothing', (context) => {
  assert.deepEqual(leftBehind(folderOf(context)), []);
});

test('files', (context) => {
  const folder = folderOf(context);
  writeFileSync(join(folder, 'one'), '');
  assert.deepEqual(leftBehind(folder), [`file ${join(folder, 'one')}`]);
});

test('processes that name it, and those in whose environment it is', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async (context) => {
  const folder = folderOf(context);
  const children = [
    spawn('sh', ['-c', 'sleep 600 & wait', folder], { detached: true }),
    spawn('sleep', ['600'], { env: { ...process.env, TMPDIR: folder } }),
  ];
  const [named, inside] = children.map(({ pid }) => pid);
  context.after(() => {
    process.kill(-Number(named), 'SIGKILL');
    process.kill(Number(inside), 'SIGKILL');
  });
  const found = await eventually('both are found', () => {
    const left = leftBehind(folder);
    return left.length >= 2 && left;
  });
  assert.ok(found.some((one) => one.startsWith(`process ${named}: sh -c`)));
  assert.ok(found.some((one) => one.startsWith(`process ${inside}: sleep 600`)));
});

test('mounts', (context) => {
  const folder = folderOf(context);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  using mounted = mountSmallDisk(disk, 64);
  if (mounted === undefined) return context.skip('no file system can be mounted here');
  assert.ok(leftBehind(folder).includes(`mount ${disk}`));
});

test('of a run that was cut off, all of it is cleared away', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async (context) => {
  const folder = folderOf(context);
  const disk = join(folder, 'a disk');
  mkdirSync(disk);
  const mounted = mountSmallDisk(disk, 64);
  writeFileSync(join(folder, 'one'), '');
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn('sh', ['-c', 'sleep 600 & wait'], { detached: true, env });
  spawn('sleep', ['600'], { env, cwd: disk });
  await eventually('it runs', () => child.pid !== undefined && leftBehind(folder).length >= 5);
  await clearAway(folder);
  assert.equal(existsSync(folder), false);
  await eventually('nothing is left', () => leftBehind(folder).length === 0);
  if (mounted === undefined) context.diagnostic('no file system can be mounted here');
});
