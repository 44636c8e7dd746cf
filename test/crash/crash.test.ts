// portald is killed at every call that changes something in EC2, at three moments of each: what comes after must be as
// if nothing had been. A sample by default; PORTALD_CRASH=all takes every case.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allWanted, chanceOf, seedOf } from './chance.ts';
import { type Ground, prepareGround } from './ground.ts';
import { callsOf } from './judge.ts';
import { liveLife } from './life.ts';
import { crashAt, type Moment, moments } from './moments.ts';

const grounds: Ground[] = [];
before(async () => {
  grounds.push(...(await Promise.all([prepareGround(), prepareGround()])));
});
after(() => Promise.all(grounds.map((ground) => ground.end())));

test('killed at any call, portald goes on as if nothing had been', async (context) => {
  const say = (text: string): void => context.diagnostic(text);
  const chance = chanceOf(seedOf(process.env, say));
  const [first] = grounds;
  assert.ok(first !== undefined);
  await liveLife(first, 'undisturbed');
  const calls = (await callsOf(first)).filter((call) => call.changes).map((call) => call.action);
  say(`the calls of a life: ${calls.join(', ')}`);

  const all = calls.flatMap((action, nth) => moments.map((moment) => ({ action, nth, moment })));
  const cases = allWanted(process.env) ? all : chance.shuffled(all).slice(0, 6);
  const failed: string[] = [];
  let lived = 0;
  const waiting = [...cases];
  const work = async (ground: Ground, place: number): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const name = `killed-${one.nth}-${moments.indexOf(one.moment)}`;
      const title = `${one.action} (call ${one.nth + 1}), ${one.moment}`;
      try {
        await crashedLife(ground, name, one.nth, one.moment);
        lived += 1;
        say(`lived: ${title}`);
      } catch (error) {
        failed.push(title);
        say(`failed: ${title}: ${error instanceof Error ? error.message : String(error)}\n${ground.log()}`);
        // What a failure has left behind would fail the next cases too.
        await ground.end();
        grounds[place] = ground = await prepareGround();
      }
    }
  };
  await Promise.all(grounds.map(work));
  say(`${lived} of ${cases.length} lived (there are ${all.length})`);
  assert.deepEqual(failed, []);
  assert.equal(lived, cases.length);
});

async function crashedLife(ground: Ground, name: string, nth: number, moment: Moment): Promise<void> {
  let over = false;
  const crash = crashAt(ground, nth, moment, () => over);
  const life = liveLife(ground, name).finally(() => {
    over = true;
  });
  const [, crashed] = await Promise.all([life, crash]);
  assert.ok(crashed, 'the call was made');
}
