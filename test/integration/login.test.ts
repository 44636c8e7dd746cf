// Credentials that expire in the middle, and a daemon that comes back in another account: nothing is lost or doubled.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

const workspace = '/home/ubuntu/workspace';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-login-', {
    credentials: [
      { accessKeyId: 'AKIAWORK', secretAccessKey: 'work-secret' },
      { accessKeyId: 'AKIAOTHER', secretAccessKey: 'other-secret', account: '999999999999' },
    ],
  });
});
after(() => fixture?.end());

test('with expired credentials the drain goes on, and the rest after a new login, without a restart', async () => {
  const daemon = await fixture.startPortald();
  fixture.specify('expired', (example) => ({
    ...example,
    spot_instance: { ...example.spot_instance, remote_group: 'nogroup' },
    on_interruption: [`echo saved > ${workspace}/checkpoint`],
  }));
  const user = portalUser(fixture, 'expired');
  const first = (await user.open()).instance;
  await fixture.control.post('credentials', { expired: true });
  await eventually('the status tells', async () => (await user.view()).problem?.kind === 'credentials');
  const events = async (): Promise<string> =>
    (await fixture.portalctl(['events', 'expired', '--lines', '50'])).stdout;
  assert.match(await events(), /expired.*log in again/);
  await fixture.control.post('notice', { instanceId: first?.id, noticeMs: 36_000 });
  await eventually('the volumes are let go', () =>
    daemon.log().includes(`${first?.id} has let the volumes go`) ? true : undefined,
  );
  const { problem } = await user.view();
  assert.equal(problem?.kind, 'credentials');
  assert.match(problem.hint ?? '', /log in again/);
  await fixture.control.post('credentials', { expired: false });
  await user.until('open', first?.id ?? '');
  assert.match(await events(), /EC2 can be asked about this portal again/);
  assert.equal(await user.fileThere(`${workspace}/checkpoint`), 'saved\n');
  assert.match(await events(), /remote_group nogroup does not hold ubuntu/);
  await user.close();
  await assertNothingLeft(fixture);
  daemon.process.kill('SIGTERM');
  await once(daemon.process, 'exit');
});

test('a portald that comes back in another account neither launches nor ends anything', async () => {
  const first = await fixture.startPortald();
  fixture.specify('elsewhere');
  const user = portalUser(fixture, 'elsewhere');
  const { instance } = await user.open();
  first.process.kill('SIGTERM');
  await once(first.process, 'exit');
  const changing = (await fixture.control.get<{ changing: number }>('calls')).changing;

  const other = await fixture.startPortald({
    AWS_ACCESS_KEY_ID: 'AKIAOTHER',
    AWS_SECRET_ACCESS_KEY: 'other-secret',
  });
  const problem = await eventually('it says so', async () => (await user.view()).problem);
  assert.equal(problem.kind, 'account-mismatch');
  assert.match(problem.message, /opened in account 123456789012.*works in account 999999999999/);
  await fixture.control.post('kill', { instanceId: instance?.id });
  await eventually('EC2 shows it terminated', async () =>
    (await fixture.control.instances()).find(
      (one) => one.instanceId === instance?.id && one.state === 'terminated',
    ),
  );
  assert.equal((await user.view()).state, 'open');
  assert.equal((await fixture.control.get<{ changing: number }>('calls')).changing, changing);
  other.process.kill('SIGTERM');
  await once(other.process, 'exit');

  const again = await fixture.startPortald();
  await user.until('open', instance?.id ?? '');
  await user.close();
  await assertNothingLeft(fixture);
  again.process.kill('SIGTERM');
  await once(again.process, 'exit');
});
