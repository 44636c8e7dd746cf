// EC2 refuses a call for good. What it refuses is told and tried again; nothing else waits for it, and no instance goes on
// being billed because of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openingAttempts } from '../../daemon/portal/step-trouble.ts';
import { eventually } from '../fixture/eventually.ts';
import { type CrashFixture, startCrashFixture } from './crash-fixture.ts';
import { assertNothingLeft, booksOf, callsOf, instancesOf } from './judge.ts';
import { userOf } from './user.ts';

let fixture: CrashFixture;
before(async () => {
  // Nothing is open before its instance is dead, or out of reach.
  fixture = await startCrashFixture({ delays: { cloudInit: 5000 } });
});
after(() => fixture?.end());

/** More than portald asks in the time of this test. */
const often = 1000;

async function statesOf(portal: string): Promise<string[]> {
  return instancesOf(await booksOf(fixture), portal).map((one) => one.state);
}

test('an old fleet that cannot be cancelled neither fails an opening nor keeps an instance alive', async () => {
  const user = userOf(fixture, 'stuck', fixture.volumes[0] ?? '');
  const { control } = fixture.programs;
  const refusal = await fixture.fault({
    action: 'CancelSpotFleetRequests',
    kind: 'error',
    code: 'UnauthorizedOperation',
    status: 403,
    count: often,
  });
  await user.ask('portal.open');
  const first = await eventually(
    'the first instance is launched',
    async () => (await user.view())?.instance?.id,
  );
  await control.post('kill', { instanceId: first });
  const second = await eventually('the second instance runs', async () => {
    const found = instancesOf(await booksOf(fixture), user.name);
    return found.find((one) => one.instanceId !== first && one.state === 'running')?.instanceId;
  });
  // The opening goes on for as long as this lasts.
  await control.post('network', { instanceId: second, mode: 'refuse' });
  await eventually('it is told', async () => {
    const problem = (await user.view())?.problem;
    return problem?.kind === 'permission' && problem.message.startsWith('cancelling spot fleet')
      ? true
      : undefined;
  });

  // It would be given up now, were this a reason.
  await eventually('it was refused often', async () => {
    const rules = await control.get<Record<string, { count: number }>>('faults');
    return often - (rules[refusal.id]?.count ?? often) >= openingAttempts;
  });
  await eventually('portald has looked at EC2 since', async () => {
    const actions = (await callsOf(fixture)).map((call) => call.action);
    return actions.lastIndexOf('DescribeInstances') > actions.lastIndexOf('CancelSpotFleetRequests');
  });
  const during = await user.view();
  assert.deepEqual([during?.state, during?.instance?.id], ['opening', second]);
  await control.post('network', { instanceId: second, mode: 'ok' });
  assert.equal((await user.until('open')).instance?.id, second);
  await user.ask('portal.close');
  await eventually('no instance lives', async () =>
    (await statesOf(user.name)).every((state) => state === 'terminated') ? true : undefined,
  );
  assert.equal((await user.view())?.state, 'closing', 'a fleet is left that could launch another');

  await refusal.end();
  // Asked again, it does not wait for its next attempt.
  await user.close();
  await assertNothingLeft(fixture);
});
