// A notice that leaves less time than a drain wants: the move comes first, and what was left out for it is told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertNothingLeft, portalUser } from '../stage/portal-user.ts';
import { type Stage, setStage } from '../stage/stage.ts';

const workspace = '/home/ubuntu/workspace';

let stage: Stage;
before(async () => {
  stage = await setStage('portald-short-');
  await stage.startPortald();
});
after(() => stage?.end());

test('on_interruption for which there is no time is told as not run', async () => {
  stage.specify('hasty', (example) => ({
    ...example,
    on_interruption: ['sleep 60', `echo late > ${workspace}/late`],
  }));
  const user = portalUser(stage, 'hasty');
  const { instance } = await user.open();
  await stage.onInstance(instance?.address ?? '', `echo kept > ${workspace}/kept`);
  await stage.control.post('notice', { instanceId: instance?.id, noticeMs: 25_000 });
  await user.until('open', instance?.id ?? '');
  assert.equal(await user.fileThere(`${workspace}/kept`), 'kept\n');
  const { stdout } = await stage.portalctl(['events', 'hasty']);
  assert.match(stdout, /on_interruption was not run to its end: too little time was left/);
  const { volumes } = await stage.control.get<{ volumes: { tornFrom: string[] }[] }>('state');
  assert.ok(volumes.every((one) => one.tornFrom.length === 0));
  await user.close();
  await assertNothingLeft(stage);
});
