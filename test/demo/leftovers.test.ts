// What the demo clears away before it starts, and what it must never touch.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { clearLeftovers, folderPrefix } from './leftovers.ts';

const forever = 'setInterval(() => undefined, 1000)';

test('of a run whose process is gone, the processes are ended and the folder is removed', async (t) => {
  const parent = temporaryFolder(t);
  const gone = start(t, ['-e', '']);
  await once(gone, 'exit');
  const folder = demoFolder(parent, gone);
  const ours = start(t, ['-e', forever], { PORTALD_STATE_DIR: join(folder, 'state') });
  const another = start(t, ['-e', forever]);
  writeFileSync(join(folder, 'pids'), `${ours.pid}\n${another.pid}\n`);
  mkdirSync(join(parent, `${folderPrefix(process.pid)}x`));

  const ended = once(ours, 'exit');
  clearLeftovers(parent);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(another.exitCode ?? another.signalCode, null, 'a process id that was used again is spared');
  assert.deepEqual(readdirSync(parent), []);
});

test("a living demo, what is another user's, and what is not a demo's is left alone", (t) => {
  const parent = temporaryFolder(t);
  const living = start(t, ['-e', forever, 'demo.ts']);
  const kept = [demoFolder(parent, living), join(parent, 'portald-demo-notes'), join(parent, 'else')];
  for (const folder of kept.slice(1)) mkdirSync(folder);
  // The id of a process that cannot be: larger than the kernel gives.
  const dead = join(parent, 'portald-demo-9999999999-');
  symlinkSync(join(parent, 'else'), `${dead}link`);
  kept.push(`${dead}link`);
  if (process.getuid?.() === 0) {
    mkdirSync(`${dead}other`, { mode: 0o700 });
    chownSync(`${dead}other`, 65534, 65534);
    kept.push(`${dead}other`);
  }
  mkdirSync(`${dead}mine`);

  clearLeftovers(parent);
  const names = kept.map((path) => basename(path));
  assert.deepEqual(readdirSync(parent).toSorted(), names.toSorted());
});

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'leftovers-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function demoFolder(parent: string, owner: ChildProcess): string {
  return mkdtempSync(join(parent, folderPrefix(owner.pid ?? 0)));
}

function start(t: TestContext, words: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, words, { env, stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  return child;
}
