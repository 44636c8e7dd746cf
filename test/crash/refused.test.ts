// EC2 refuses a call for good. What it refuses is told and tried again; nothing else waits for it, and no instance goes on
// being billed because of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { type Ground, prepareGround } from './ground.ts';
import { assertNothingLeft, booksOf, instancesOf } from './judge.ts';
import { userOf } from './user.ts';

let ground: Ground;
before(async () => {
  ground = await prepareGround({ delays: { cloudInit: 1500 } });
});
after(() => ground?.end());

const ever = 1_000_000;

/** From now on the action is refused; the return value ends that. */
async function refuse(action: string, code: string): Promise<() => Promise<unknown>> {
  const rule = { action, kind: 'error', code, status: 403, count: ever };
  await ground.stage.control.post('faults', [rule]);
  return () => ground.stage.control.remove('faults');
}

async function statesOf(portal: string): Promise<string[]> {
  return instancesOf(await booksOf(ground), portal).map((one) => one.state);
}

test('an old fleet that cannot be cancelled neither fails an opening nor keeps an instance alive', async () => {
  const user = userOf(ground, 'stuck', ground.volumes[0] ?? '');
  const permit = await refuse('CancelSpotFleetRequests', 'UnauthorizedOperation');
  await user.ask('portal.open');
  const first = await eventually(
    'the first instance is launched',
    async () => (await user.view())?.instance?.id,
  );
  await ground.stage.control.post('kill', { instanceId: first });
  const opened = await user.until('open', first);
  await eventually('it is told', async () => {
    const problem = (await user.view())?.problem;
    return problem?.kind === 'permission' && problem.message.startsWith('cancelling spot fleet')
      ? true
      : undefined;
  });

  // Long enough for the opening to be given up, were it a reason.
  const callsBefore = 5;
  await eventually('it was refused often', async () => {
    const { calls } = await ground.stage.control.get<{ calls: { action: string }[] }>('calls');
    return calls.filter((one) => one.action === 'CancelSpotFleetRequests').length > callsBefore
      ? true
      : undefined;
  });
  assert.equal((await user.view())?.instance?.id, opened.instance?.id);
  await user.ask('portal.close');
  await eventually('no instance lives', async () =>
    (await statesOf(user.name)).every((state) => state === 'terminated') ? true : undefined,
  );
  assert.equal((await user.view())?.state, 'closing', 'a fleet is left that could launch another');

  await permit();
  // Asked again, it does not wait for its next attempt.
  await user.close();
  await assertNothingLeft(ground);
});
