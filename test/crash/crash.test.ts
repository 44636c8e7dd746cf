// portald is killed at every call that changes something in EC2, at three moments of each: what comes after must be as
// if nothing had been. A sample by default; PORTALD_CRASH=all takes every case.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allWanted, chanceOf, seedOf } from './chance.ts';
import { type CrashFixture, startCrashFixture } from './crash-fixture.ts';
import { callsOf } from './judge.ts';
import { liveLife, optionalCall } from './life.ts';
import { type CallOfLife, crashAt, type Moment, moments } from './moments.ts';

const sampledKills = 2;
/** Lives beside each other. */
const groundsWanted = allWanted(process.env) ? 2 : 1;

const grounds: CrashFixture[] = [];
before(async () => {
  grounds.push(...(await Promise.all(Array.from({ length: groundsWanted }, () => startCrashFixture()))));
});
after(() => Promise.all(grounds.map((fixture) => fixture.end())));

test('killed at any call, portald goes on as if nothing had been', async (context) => {
  const say = (text: string): void => context.diagnostic(text);
  const chance = chanceOf(seedOf(process.env, say));
  const [first] = grounds;
  assert.ok(first !== undefined);
  await liveLife(first, 'undisturbed');
  const actions = (await callsOf(first)).filter((call) => call.changes).map((call) => call.action);
  say(`the ${actions.length} calls of a life: ${actions.join(', ')}`);
  const calls = actions.map((action, place): CallOfLife => {
    const nth = actions.slice(0, place).filter((one) => one === action).length;
    return { action, nth };
  });

  const all = calls.flatMap((call) => moments.map((moment) => ({ call, moment })));
  const cases = allWanted(process.env) ? all : chance.shuffled(all).slice(0, sampledKills);
  const failed: string[] = [];
  let lived = 0;
  const waiting = [...cases];
  const work = async (fixture: CrashFixture, place: number): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const { call, moment } = one;
      const name = `killed-${calls.indexOf(call)}-${moments.indexOf(moment)}`;
      const title = `${call.action} (call ${calls.indexOf(call) + 1}), ${moment}`;
      try {
        const isMade = await crashedLife(fixture, name, call, moment);
        lived += 1;
        say(`${isMade ? 'lived' : 'needed in no life'}: ${title}`);
      } catch (error) {
        failed.push(title);
        say(`failed: ${title}: ${error instanceof Error ? error.message : String(error)}\n${fixture.log()}`);
        // What a failure has left behind would fail the next cases too.
        await fixture.end();
        grounds[place] = fixture = await startCrashFixture();
      }
    }
  };
  await Promise.all(grounds.map(work));
  say(`${lived} of ${cases.length} lived (there are ${all.length})`);
  assert.deepEqual(failed, []);
  assert.equal(lived, cases.length);
});

/** Resolves to whether the call was made: a life that needed none is lived again, some times. */
async function crashedLife(
  fixture: CrashFixture,
  name: string,
  call: CallOfLife,
  moment: Moment,
): Promise<boolean> {
  for (let count = 0; count < 3; count++) {
    let over = false;
    const crash = crashAt(fixture, call, moment, () => over);
    const life = liveLife(fixture, count === 0 ? name : `${name}-${count}`).finally(() => {
      over = true;
    });
    const [, crashed] = await Promise.all([life, crash]);
    if (crashed) return true;
  }
  assert.equal(call.action, optionalCall, 'the call was made in no life');
  return false;
}
