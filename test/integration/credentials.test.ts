// Credentials that expire while a portal is open, with the real programs: told at once, and over after a new login.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { type PortalUser, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
let user: PortalUser;
before(async () => {
  fixture = await startProgramsFixture('portald-expiring-');
  user = portalUser(fixture, 'gpu');
});
after(() => fixture?.end());

test('they are told in the status and the events as soon as EC2 refuses them, and that they are good again', async () => {
  fixture.specify('gpu');
  await fixture.startPortald();
  await user.open();
  await fixture.control.post('credentials', { expired: true });
  await eventually('the status tells', async () => (await user.view()).problem?.kind === 'credentials');
  const events = async (): Promise<string> => (await fixture.portalctl(['events', 'gpu'])).stdout;
  assert.match(await events(), /expired.*log in again/);
  assert.equal((await user.view()).state, 'open');
  await fixture.control.post('credentials', { expired: false });
  await eventually('the problem is over', async () => (await user.view()).problem === undefined);
  assert.match(await events(), /EC2 answers again/);
  await user.close();
});
