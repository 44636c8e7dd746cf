// A rebalance recommendation with the setting on: the replacement stands by, takes over at the notice, or is ended.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-early-');
  // Six seconds, so that both endings can be waited for.
  writeFileSync(fixture.environment['PORTALD_CONFIG'] ?? '', 'early_replacement: 0.1\n');
  await fixture.startPortald();
});
after(() => fixture?.end());

test('a replacement stands by after a recommendation, and takes over at the notice or is ended without one', async () => {
  fixture.specify('early');
  const user = portalUser(fixture, 'early');
  const first = (await user.open()).instance?.id ?? '';
  await fixture.control.post('rebalance', { instanceId: first });
  const spare = await eventually('it stands by', async () => (await user.view()).replacement);
  assert.equal((await user.view()).state, 'open');
  await fixture.control.post('notice', { instanceId: first });
  const second = await user.until('open', first);
  assert.equal(second.instance?.id, spare.id, 'the one that stood by took over');
  assert.equal(second.generation, 2);

  await fixture.control.post('rebalance', { instanceId: spare.id });
  const unused = await eventually('another stands by', async () => {
    const { replacement } = await user.view();
    return replacement?.id === spare.id ? undefined : replacement;
  });
  await eventually('it is ended', async () =>
    (await fixture.control.instances()).find(
      (one) => one.instanceId === unused.id && one.state === 'terminated',
    ),
  );
  const { state, instance } = await user.view();
  assert.deepEqual([state, instance?.id], ['open', spare.id]);
  await user.close();
  await assertNothingLeft(fixture);
});
