// A full disk under the state folder: what is kept in reserve does for one move; then nothing is lost and nothing is done
// that could not be written down, and with room again everything goes on by itself.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryPrefix } from '../../daemon/store/atomic-file.ts';
import { mountSmallDisk, type SmallDisk } from '../channel/small-disk.ts';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
let disk: SmallDisk | undefined;
let daemon: ChildProcess | undefined;
before(async () => {
  fixture = await startProgramsFixture('portald-full-');
  mkdirSync(join(fixture.folder, 'state'), { mode: 0o700 });
  disk = mountSmallDisk(join(fixture.folder, 'state'), 4096);
  chmodSync(join(fixture.folder, 'state'), 0o700);
  if (disk !== undefined) daemon = (await fixture.startPortald()).process;
});
after(async () => {
  await fixture?.end();
  disk?.[Symbol.dispose]();
  // What is mounted could not be removed with the rest.
  if (fixture !== undefined) rmSync(fixture.folder, { recursive: true, force: true });
});

test('a first notice on a full disk is acted upon, the next is told, and acted upon once there is room', async (context) => {
  if (disk === undefined) return context.skip('no file system can be mounted here');
  fixture.specify('gpu');
  const user = portalUser(fixture, 'gpu');
  const atFirst = (await user.open()).instance?.id ?? '';
  const filler = join(fixture.folder, 'state', 'filler');
  await fill(filler);
  await fixture.control.post('notice', { instanceId: atFirst });
  const first = (await user.until('open', atFirst)).instance?.id ?? '';
  await eventually('the first machine has ended', async () => {
    const living = (await fixture.control.instances()).filter((one) => one.state === 'running');
    return living.length === 1 ? true : undefined;
  });
  assert.ok(!existsSync(join(fixture.folder, 'state/reserve')), 'it was used');

  await fill(filler);
  await fixture.control.post('notice', { instanceId: first });
  const told = await eventually('it is told', async () => {
    const { problem } = await user.view();
    return problem?.kind === 'state-folder' ? problem : undefined;
  });
  assert.match(told.message, /gpu\.json cannot be written: the disk is full/);
  assert.match(told.hint ?? '', /make room on it/);
  const machines = await fixture.control.instances();
  assert.equal(machines.length, 2, 'nothing is ordered that is not written down');
  rmSync(filler);
  const paused = await fixture.ask('channel.pause', { name: 'gpu' });
  assert.equal(paused.portal.problem, undefined, 'what can be written again is no problem for any step');
  const moved = await user.until('open', first);
  assert.equal(moved.problem, undefined);
  const why = JSON.parse((await fixture.portalctl(['why', 'gpu', '--json'])).stdout) as {
    history: { text: string }[];
  };
  const notices = why.history.filter((one) => one.text.includes('is taken back'));
  assert.equal(notices.length, 2, 'however often it was tried to write it down');
  await user.close();
  await assertNothingLeft(fixture);
});

test('a portald that was killed on a full disk is started there again', async (context) => {
  if (disk === undefined) return context.skip('no file system can be mounted here');
  const reserve = join(fixture.folder, 'state/reserve');
  await eventually('the reserve is kept', () => existsSync(reserve) || undefined);
  const filler = join(fixture.folder, 'state', 'filler');
  await fill(filler);
  daemon?.kill('SIGKILL');
  if (daemon !== undefined) await once(daemon, 'exit');
  // What fits is taken again: the lock that is left is replaced by one of another length.
  takeRoom(filler);
  daemon = (await fixture.startPortald()).process;
  assert.ok(!existsSync(reserve), 'it was used');
  rmSync(filler);
});

test('an opening is given up once there is room to write that down; until then portald lives', async (context) => {
  if (disk === undefined) return context.skip('no file system can be mounted here');
  const rule = { action: 'AttachVolume', kind: 'error', code: 'InvalidParameterValue', status: 400 };
  await fixture.control.post('faults', [{ ...rule, message: 'Value (/dev/xvdf) for device is invalid' }]);
  fixture.specify('refused');
  const user = portalUser(fixture, 'refused');
  assert.equal((await fixture.portalctl(['open', 'refused', '--no-wait'])).code, 0);
  await eventually(
    'it is refused',
    async () => /device/.test((await user.view()).problem?.message ?? '') || undefined,
  );
  rmSync(join(fixture.folder, 'state/reserve'), { force: true });
  const filler = join(fixture.folder, 'state', 'filler');
  await fill(filler);
  await eventually(
    'it cannot be written down',
    async () => (await user.view()).problem?.kind === 'state-folder' || undefined,
  );
  rmSync(filler);
  await user.until('failed');
  await fixture.control.remove('faults');
  await eventually('nothing is left', () =>
    assertNothingLeft(fixture).then(
      () => true,
      () => undefined,
    ),
  );
});

/** Down to the last block, which a write of less would leave; and not while one is made, which sets an old text's room free. */
async function fill(path: string): Promise<void> {
  const folder = dirname(path);
  await eventually('nothing is being written', async () => {
    daemon?.kill('SIGSTOP');
    await eventually('it has stopped', () => isStopped(daemon?.pid) || undefined);
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const isWriting = names.some((name) => name.includes(temporaryPrefix));
    if (!isWriting) takeRoom(path);
    daemon?.kill('SIGCONT');
    return isWriting ? undefined : true;
  });
}

function isStopped(pid: number | undefined): boolean {
  return / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

function takeRoom(path: string): void {
  const { bavail, bsize } = statfsSync(dirname(path));
  for (let size = bavail * bsize; size >= 1; size = Math.floor(size / 2)) {
    try {
      writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // What fits fits.
    }
  }
}
