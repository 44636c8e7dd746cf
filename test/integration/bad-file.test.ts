// A pipe in the place of an open portal's specification: portald still answers `status`, acts on a notice, and closes the portal.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-bad-file-');
});
after(() => fixture?.end());

test('a pipe in the place of the specification holds up nothing', async () => {
  fixture.specify('gpu', (example) => ({ ...example, channels: [] }));
  await fixture.startPortald();
  const user = portalUser(fixture, 'gpu');
  const { instance } = await user.open();
  const path = join(fixture.project, 'gpu.json');
  rmSync(path);
  execFileSync('mkfifo', [path]);
  // The runtime has four threads for files.
  const asked = await Promise.all(
    Array.from({ length: 8 }, () => fixture.ask('portal.status', { name: 'gpu' })),
  );
  assert.deepEqual([...new Set(asked.map(({ portal }) => portal.state))], ['open']);
  assert.match((await fixture.portalctl(['reload', 'gpu'])).stderr, /gpu\.json is not a regular file/);
  await fixture.control.post('notice', { instanceId: instance?.id });
  const moved = await user.until('open', instance?.id);
  assert.notEqual(moved.instance?.id, instance?.id);
  await user.close();
  await assertNothingLeft(fixture);
});
