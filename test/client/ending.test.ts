// Which processes `portalctl daemon` ends, and what it opens: a process id and a file name come from a user's own folder,
// and for root the user could have put anything there.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lives, lockHolder } from '../../client/lock-holder.ts';
import { startInBackground } from '../../client/service/background.ts';
import { end } from '../../client/service/running.ts';

const uid = process.getuid?.() ?? 0;
const noOne = 65_534;

function stateFolderFor(context: { after(work: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'portald-ending-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a process of the user is ended, and no other user's, no group and nothing that is no process id", async (context) => {
  const sleeping = (as: number): number => {
    const child = spawn('sleep', ['60'], uid === 0 ? { uid: as, gid: as } : {});
    context.after(() => child.kill('SIGKILL'));
    return child.pid ?? 0;
  };
  const own = sleeping(uid);
  await end(own, uid);
  assert.ok(!lives(own));
  await end(own, uid);
  const other = sleeping(noOne);
  const wrong = [0, 1, -1, -other, 1.5, Number.NaN, '7' as unknown as number];
  if (uid === 0) wrong.push(other);
  for (const pid of wrong)
    await assert.rejects(end(pid, uid), { kind: 'service', message: /no process of that user/ }, String(pid));
  assert.ok(lives(other));
});

test('a lock that is a pipe, endless, or names a group holds nothing', (context) => {
  const folder = stateFolderFor(context);
  const lock = join(folder, 'lock');
  const environment = { PORTALD_STATE_DIR: folder, HOME: folder };
  const holder = (): number | undefined => {
    const found = lockHolder(environment);
    rmSync(lock);
    return found;
  };
  execFileSync('mkfifo', [lock]);
  assert.equal(holder(), undefined);
  symlinkSync('/dev/zero', lock);
  assert.equal(holder(), undefined);
  for (const text of ['-1', `-${process.pid}`, '1', '0', 'x']) {
    writeFileSync(lock, text);
    assert.equal(holder(), undefined, text);
  }
  writeFileSync(lock, String(process.pid));
  assert.equal(holder(), process.pid);
});

test('what portald says is written to no link, no pipe and no file of another name', async (context) => {
  const folder = stateFolderFor(context);
  const state = join(folder, 'state');
  mkdirSync(state, { mode: 0o700 });
  const said = join(state, 'portald.stderr');
  const target = join(folder, 'precious');
  const plants: Record<string, () => void> = {
    link: () => symlinkSync(target, said),
    'link to nothing': () => symlinkSync(join(folder, 'made'), said),
    pipe: () => execFileSync('mkfifo', [said]),
    'second name': () => linkSync(target, said),
    folder: () => mkdirSync(said),
  };
  writeFileSync(target, 'precious');
  for (const [what, plant] of Object.entries(plants)) {
    plant();
    const starting = startInBackground({ PORTALD_STATE_DIR: state, HOME: folder, PATH: process.env['PATH'] });
    await assert.rejects(starting, { kind: 'state-folder' }, what);
    assert.equal(readFileSync(target, 'utf8'), 'precious', what);
    assert.ok(!existsSync(join(folder, 'made')));
    rmSync(said, { recursive: true });
  }
});
