// Between mounting a volume and writing down who has it there is a moment. A portald killed there, and met by a notice
// or a closing when it is started again, must let go of the volume in order all the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { type CrashFixture, startCrashFixture } from './crash-fixture.ts';
import { assertLaunched, assertNothingLeft, booksOf, instancesOf } from './judge.ts';
import { type User, userOf, workspace } from './user.ts';

let fixture: CrashFixture;
before(async () => {
  fixture = await startCrashFixture({ portals: 2 });
});
after(() => fixture?.end());

async function mountedOn(user: User): Promise<string> {
  const said = `mounted ${user.volume} on ${workspace}`;
  await eventually(`portald says that it has ${said}`, () => fixture.log().includes(said));
  const [found] = instancesOf(await booksOf(fixture), user.name);
  const look = `grep ' ${workspace} ' /proc/self/mountinfo`;
  const told = await fixture.programs.onInstance(found?.publicAddress ?? '', look);
  assert.match(told.stdout, new RegExp(user.volume), `it is true that it has ${said}`);
  return found?.instanceId ?? '';
}

test('killed with volumes mounted that nobody has taken over, portald lets go of them in order', async () => {
  const [moved, closed] = fixture.volumes.map((volume, index) => userOf(fixture, `mounted-${index}`, volume));
  assert.ok(moved !== undefined && closed !== undefined);
  const { control } = fixture.programs;
  fixture.writes.stall('"holder":1');
  await Promise.all([moved.ask('portal.open'), closed.ask('portal.open')]);
  const [first, second] = await Promise.all([mountedOn(moved), mountedOn(closed)]);
  await eventually('portald wants to write it down', () => (fixture.writes.stalled() ? true : undefined));
  await fixture.kill('SIGKILL');
  fixture.writes.goOn();

  await control.post('notice', { instanceId: first });
  // Out of reach until the closing has begun, so that it is not taken over before.
  await control.post('network', { instanceId: second, mode: 'refuse' });
  await fixture.start();
  await closed.ask('portal.close');
  await control.post('network', { instanceId: second, mode: 'ok' });

  await closed.until('closed');
  await assertLaunched(fixture, closed.name, 1);
  await moved.until('open', first);
  await moved.close();
  await assertLaunched(fixture, moved.name, 2);
  await assertNothingLeft(fixture);
});
