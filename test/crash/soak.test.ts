// Everything at once, by chance: notices, sudden deaths, lost networks, failing calls, and a portald that is killed,
// ended and stopped, while three portals are opened and closed. For PORTALD_SOAK_SECONDS, else a little while; with
// PORTALD_CRASH=all a minute.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allWanted, chanceOf, seedOf } from './chance.ts';
import { type Act, callActs, portalActs, portaldActs } from './chaos.ts';
import { type CrashFixture, startCrashFixture } from './crash-fixture.ts';
import { assertNothingLeft, callsOf, watchBooks } from './judge.ts';
import { assertAccounted } from './ledger.ts';
import { userOf } from './user.ts';

const ownSeconds = allWanted(process.env) ? 60 : 3;
const soakMs = (Number(process.env['PORTALD_SOAK_SECONDS'] ?? '') || ownSeconds) * 1000;

let fixture: CrashFixture;
before(async () => {
  fixture = await startCrashFixture({ portals: 3 });
});
after(() => fixture?.end());

test('after any chaos, closing leaves nothing, and no volume is ever torn but by a sudden death', async (context) => {
  const say = (text: string): void => context.diagnostic(text);
  const seed = seedOf(process.env, say);
  const users = fixture.volumes.map((volume, index) => userOf(fixture, `soaked-${index}`, volume));
  const sudden = new Set<string>();
  const done = new Map<string, number>();
  const until = performance.now() + soakMs;
  const troubles: unknown[] = [];
  const acting = async (act: Act, number: number): Promise<void> => {
    const chance = chanceOf(seed * 10 + number);
    while (performance.now() < until && troubles.length === 0) {
      const told = await act(chance);
      done.set(told, (done.get(told) ?? 0) + 1);
    }
  };
  const watch = watchBooks(
    fixture,
    users.map((user) => user.name),
  );
  try {
    const acts = [
      ...users.map((user) => portalActs(fixture, user, sudden)),
      portaldActs(fixture),
      callActs(fixture),
    ];
    // All have come to rest before the programs are ended, also when one has failed.
    await Promise.all(
      acts.map((act, number) => acting(act, number).catch((error: unknown) => troubles.push(error))),
    );
    if (troubles.length > 0) throw troubles[0];
    say(`what happened: ${[...done].map(([told, count]) => `${told} ${count}`).join(', ')}`);
    const opened = await Promise.all(users.map((user) => user.view()));
    await Promise.all(users.filter((_, index) => opened[index] !== undefined).map((user) => user.close()));
    assert.deepEqual(await watch.end(), []);
    await assertNothingLeft(fixture, sudden);
    await assertAccounted(
      fixture,
      users.map((user) => user.name),
    );
  } catch (error) {
    say(fixture.log());
    throw error;
  } finally {
    await watch.end();
  }
  say(`${(await callsOf(fixture)).length} calls of EC2; ${sudden.size} sudden deaths`);
});
