// The life of a portal: opened, used, given notice, moved, used again, closed. Judged along the way and at its end.
import assert from 'node:assert/strict';
import { eventually } from '../fixture/eventually.ts';
import type { CrashFixture } from './crash-fixture.ts';
import { assertLaunched, assertNothingLeft, booksOf, callsOf, instancesOf, watchBooks } from './judge.ts';
import { assertAccounted, assertFleets } from './ledger.ts';
import { type User, userOf } from './user.ts';

/** Made or not, as it comes: a cancelled fleet ends its instance too, and EC2 may tell of that in time. */
export const optionalCall = 'TerminateInstances';

/** Lives a whole life of a portal of that name on the fixture's first volume; throws when anything is not as it must be. */
export async function liveLife(
  fixture: CrashFixture,
  name: string,
  options: { repeatsAllowed?: boolean } = {},
): Promise<void> {
  const volume = fixture.volumes[0] ?? '';
  const user = userOf(fixture, name, volume);
  const before = (await callsOf(fixture)).length;
  const watch = watchBooks(fixture, [name]);
  let wrong: readonly string[] = [];
  try {
    await openAndMove(fixture, user);
    await user.close();
  } finally {
    wrong = await watch.end();
  }
  assert.deepEqual(wrong, []);
  await assertNothingLeft(fixture);
  await assertLaunched(fixture, name, 2);
  await assertFleets(fixture, name, 2);
  fixture.lived.push(name);
  await assertAccounted(fixture, fixture.lived);
  const attached = (await callsOf(fixture)).slice(before).filter((call) => call.action === 'AttachVolume');
  assert.equal(
    attached.filter((call) => call.outcome.startsWith('ok')).length,
    2,
    'the volume was attached once to each instance',
  );
  // A client that lost the answer asks again, and is told so; nothing else may try.
  if (options.repeatsAllowed === true) return;
  assert.deepEqual(
    attached.filter((call) => call.outcome.startsWith('VolumeInUse')),
    [],
    'no attachment was tried while it was attached',
  );
}

async function openAndMove(fixture: CrashFixture, user: User): Promise<void> {
  const opened = await user.open();
  const first = opened.instance?.id ?? '';
  const address = opened.instance?.address ?? '';
  await user.write(address, 'kept', `written for ${user.name}`);
  user.save('before', `saved for ${user.name}`);
  await user.arrived(first, 'code/before', `saved for ${user.name}`);

  await fixture.programs.control.post('notice', { instanceId: first });
  const moved = await user.until('open', first);
  const second = moved.instance?.id ?? '';
  await user.arrived(second, 'kept', `written for ${user.name}`);
  user.save('after', `saved after ${user.name}`);
  await user.arrived(second, 'code/after', `saved after ${user.name}`);
  await eventually('the old instance has ended', async () => {
    const old = instancesOf(await booksOf(fixture), user.name).find((one) => one.instanceId === first);
    return old?.state === 'terminated' ? true : undefined;
  });
}
