// A full disk under the state folder: nothing is lost and nothing is done that could not be written down; with room
// again everything goes on by itself.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mountSmallDisk, type SmallDisk } from '../channel/small-disk.ts';
import { eventually } from '../stage/eventually.ts';
import { assertNothingLeft, portalUser } from '../stage/portal-user.ts';
import { type Stage, setStage } from '../stage/stage.ts';

let stage: Stage;
let disk: SmallDisk | undefined;
before(async () => {
  stage = await setStage('portald-full-');
  mkdirSync(join(stage.folder, 'state'), { mode: 0o700 });
  disk = mountSmallDisk(join(stage.folder, 'state'), 4096);
  chmodSync(join(stage.folder, 'state'), 0o700);
  if (disk !== undefined) await stage.startPortald();
});
after(async () => {
  await stage?.end();
  disk?.[Symbol.dispose]();
  // What is mounted could not be removed with the rest.
  if (stage !== undefined) rmSync(stage.folder, { recursive: true, force: true });
});

test('a notice on a full disk is told, and acted upon once there is room', async (context) => {
  if (disk === undefined) return context.skip('no file system can be mounted here');
  stage.specify('gpu', (example) => ({
    ...example,
    spot_instance: { ...example.spot_instance, extra_python_packages: [] },
  }));
  const user = portalUser(stage, 'gpu');
  const first = (await user.open()).instance?.id ?? '';
  const filler = join(stage.folder, 'state', 'filler');
  const { bavail, bsize } = statfsSync(join(stage.folder, 'state'));
  // Down to the last block, which a write of less would leave.
  for (let size = bavail * bsize; size >= 1; size = Math.floor(size / 2)) {
    try {
      writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // What fits fits.
    }
  }
  await stage.control.post('notice', { instanceId: first });
  const told = await eventually('it is told', async () => {
    const { problem } = await user.view();
    return problem?.kind === 'state-folder' ? problem : undefined;
  });
  assert.match(told.message, /gpu\.json cannot be written: the disk is full/);
  assert.match(told.hint ?? '', /make room on it/);
  const machines = await stage.control.instances();
  assert.equal(machines.length, 1, 'nothing is ordered that is not written down');
  rmSync(filler);
  const moved = await user.until('open', first);
  assert.equal(moved.problem, undefined);
  const why = JSON.parse((await stage.portalctl(['why', 'gpu', '--json'])).stdout) as {
    history: { text: string }[];
  };
  const notices = why.history.filter((one) => one.text.includes('is taken back'));
  assert.equal(notices.length, 1, 'however often it was tried to write it down');
  await user.close();
  await assertNothingLeft(stage);
});
