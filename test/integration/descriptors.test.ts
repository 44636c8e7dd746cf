// No file descriptor left: portald lives, says so, and goes on by itself once there are some.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-descriptors-');
});
after(() => fixture?.end());

const skip = spawnSync('prlimit', ['--version']).status !== 0 && 'no prlimit here';

test('a portald without a free descriptor lives, and goes on once there are some', { skip }, async () => {
  fixture.specify('gpu');
  const { process: daemon } = await fixture.startPortald();
  const user = portalUser(fixture, 'gpu');
  await user.open();
  const allow = (count: number): void => {
    const { status, stderr } = spawnSync('prlimit', ['--pid', `${daemon.pid}`, `--nofile=${count}:`]);
    assert.equal(status, 0, String(stderr));
  };
  // It has more than these already.
  allow(10);
  const refused = (): number =>
    readFileSync(join(fixture.folder, 'state/portald.log'), 'utf8').split('no file descriptor left').length -
    1;
  // Each needs children: the shared connection, which has lost its own, and saves, more than the waiting pairs can take.
  spawnSync('pkill', ['-P', `${daemon.pid}`, 'ssh']);
  for (let count = 0; refused() < 3 && count < 200; count++) {
    writeFileSync(join(fixture.project, 'code/saved.py'), `print(${count})`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(refused() >= 3, 'it is told');
  assert.equal(daemon.exitCode ?? daemon.signalCode, null, 'it lives');
  allow(4096);
  writeFileSync(join(fixture.project, 'code/saved.py'), 'print("at last")');
  await eventually('the save arrives', async () => {
    const there = await user.fileThere('/home/ubuntu/workspace/code/saved.py');
    return there === 'print("at last")' ? true : undefined;
  });
  await user.close();
});
