// portald is told to end while it writes down a new portal: that portal's loop must not begin in a portald that has let go
// of its lock, where nothing would end it. The next portald opens the portal.
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { type CrashFixture, startCrashFixture } from './crash-fixture.ts';
import { assertLaunched, assertNothingLeft } from './judge.ts';
import { userOf } from './user.ts';

let fixture: CrashFixture;
before(async () => {
  fixture = await startCrashFixture();
});
after(() => fixture?.end());

test('ended while it writes down a new portal, portald ends, and the next one opens it', async () => {
  const user = userOf(fixture, 'late', fixture.volumes[0] ?? '');
  fixture.writes.stall('"name":"late"');
  const asked = user.ask('portal.open');
  await eventually('it is being written down', () => fixture.writes.stalled());
  const ended = fixture.kill('SIGTERM');
  await eventually('portald ends', () => fixture.log().includes('portald ends'));
  await asked;
  fixture.writes.goOn();
  await ended;

  await fixture.start();
  await user.until('open');
  await user.close();
  await assertLaunched(fixture, user.name, 1);
  await assertNothingLeft(fixture);
});
