// A notice that leaves less time than a drain wants: the move comes first, and what was left out for it is told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

const workspace = '/home/ubuntu/workspace';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-short-');
  await fixture.startPortald();
});
after(() => fixture?.end());

test('on_interruption for which there is no time is told as not run', async () => {
  fixture.specify('hasty', (example) => ({
    ...example,
    on_interruption: ['sleep 60', `echo late > ${workspace}/late`],
  }));
  const user = portalUser(fixture, 'hasty');
  const { instance } = await user.open();
  await fixture.onInstance(instance?.address ?? '', `echo kept > ${workspace}/kept`);
  await fixture.control.post('notice', { instanceId: instance?.id, noticeMs: 25_000 });
  await user.until('open', instance?.id ?? '');
  assert.equal(await user.fileThere(`${workspace}/kept`), 'kept\n');
  const { stdout } = await fixture.portalctl(['events', 'hasty']);
  assert.match(stdout, /on_interruption was not run to its end: too little time was left/);
  const { volumes } = await fixture.control.get<{ volumes: { tornFrom: string[] }[] }>('state');
  assert.ok(volumes.every((one) => one.tornFrom.length === 0));
  await user.close();
  await assertNothingLeft(fixture);
});
