// Three witnesses can tell that an instance goes: its metadata through SSH, its spot request's status, and its state.
// Each of them alone, the two others being silent, moves the portal.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { type CrashFixture, startCrashFixture } from './crash-fixture.ts';
import { assertNothingLeft, booksOf, callsOf, instancesOf } from './judge.ts';
import { assertAccounted } from './ledger.ts';
import { type User, userOf } from './user.ts';

let fixture: CrashFixture;
before(async () => {
  fixture = await startCrashFixture({ portals: 3 });
});
after(() => fixture?.end());

/** EC2 goes on telling of spot requests what it told last. */
async function silenceStatus(): Promise<() => Promise<void>> {
  const asked = (await callsOf(fixture)).filter((call) => call.action === 'DescribeSpotInstanceRequests');
  assert.notEqual(asked.length, 0, 'it has told something');
  const silence = await fixture.fault({ action: 'DescribeSpotInstanceRequests', kind: 'stale' });
  return silence.end;
}

/** What portald said of the end of an instance. */
function told(instanceId: string): string[] {
  const sentences = fixture.log().match(/"[^"]*(?:is taken back|is gone)[^"]*"/g) ?? [];
  return sentences.filter((sentence) => sentence.includes(instanceId));
}

async function stateOf(user: User, instanceId: string): Promise<string | undefined> {
  return instancesOf(await booksOf(fixture), user.name).find((one) => one.instanceId === instanceId)?.state;
}

async function assertMoved(user: User, first: string): Promise<void> {
  const moved = await user.until('open', first);
  await user.arrived(moved.instance?.id ?? '', 'kept', user.name);
  await user.close();
  await assertAccounted(fixture, fixture.lived);
}

async function openedWith(name: string, place: number): Promise<{ user: User; first: string }> {
  const user = userOf(fixture, name, fixture.volumes[place] ?? '');
  fixture.lived.push(name);
  const opened = await user.open();
  await user.write(opened.instance?.address ?? '', 'kept', name);
  return { user, first: opened.instance?.id ?? '' };
}

test('the metadata alone', async () => {
  const { user, first } = await openedWith('metadata', 0);
  const speak = await silenceStatus();
  await fixture.programs.control.post('notice', { instanceId: first });
  const seen = await eventually('the notice is seen', () => told(first)[0]);
  assert.match(seen, /instance metadata/);
  assert.equal(await stateOf(user, first), 'running', 'its state tells nothing yet');
  await speak();
  await assertMoved(user, first);
  await assertNothingLeft(fixture);
});

test("the spot request's status alone, SSH being swallowed by a black hole", async () => {
  const { user, first } = await openedWith('status', 1);
  const { control } = fixture.programs;
  await control.post('network', { instanceId: first, mode: 'blackhole' });
  await control.post('notice', { instanceId: first });
  const seen = await eventually('the notice is seen', () => told(first)[0]);
  assert.match(seen, /spot request status/);
  assert.equal(await stateOf(user, first), 'running', 'its state tells nothing yet');
  await eventually('the next instance runs', async () => {
    const all = instancesOf(await booksOf(fixture), user.name);
    return all.some((one) => one.instanceId !== first && one.state === 'running') || undefined;
  });
  // What is left of the two minutes is enough to let go of the volume in order.
  await control.post('network', { instanceId: first, mode: 'ok' });
  await assertMoved(user, first);
  const notices = told(first).filter((sentence) => sentence.includes('is taken back'));
  assert.equal(notices.length, 1, 'a second witness is no second notice');
  await assertNothingLeft(fixture);
});

test('its state alone, and the reason that EC2 gives', async () => {
  const { user, first } = await openedWith('state', 2);
  const speak = await silenceStatus();
  // A sudden death: there is no time for metadata to tell.
  await fixture.programs.control.post('kill', { instanceId: first });
  const seen = await eventually('the death is noted', () =>
    told(first).find((sentence) => sentence.includes('is gone')),
  );
  assert.match(seen, /Server\.SpotInstanceTermination/);
  for (const sentence of told(first)) assert.doesNotMatch(sentence, /instance metadata|spot request status/);
  await speak();
  await assertMoved(user, first);
  await assertNothingLeft(fixture, new Set([first]));
});
