// Every call that changes something, and every action that asks, fails in every way, for a few calls: the life of a
// portal completes all the same, and nothing is left. A sample by default; PORTALD_CRASH=all takes every case. Several cases share a life.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allWanted, chanceOf, seedOf } from './chance.ts';
import { type CrashFixture, startCrashFixture } from './crash-fixture.ts';
import { type FaultKind, kindsFor, ruleOf } from './fault-kinds.ts';
import { callsOf } from './judge.ts';
import { liveLife, optionalCall } from './life.ts';

interface Case {
  readonly action: string;
  readonly changes: boolean;
  readonly kind: FaultKind;
  readonly skip: number;
}

const casesInALife = 3;
const sampledLives = 1;
/** Lives beside each other. */
const groundsWanted = allWanted(process.env) ? 2 : 1;

const grounds: CrashFixture[] = [];
before(async () => {
  grounds.push(...(await Promise.all(Array.from({ length: groundsWanted }, () => startCrashFixture()))));
});
after(() => Promise.all(grounds.map((fixture) => fixture.end())));

test('whatever EC2 fails to answer, a portal lives its life and leaves nothing', async (context) => {
  const say = (text: string): void => context.diagnostic(text);
  const chance = chanceOf(seedOf(process.env, say));
  const [first] = grounds;
  assert.ok(first !== undefined);
  await liveLife(first, 'undisturbed');
  const calls = await callsOf(first);
  const actions = [...new Set(calls.map((call) => call.action))];
  say(`the actions of a life: ${actions.join(', ')}`);

  const all = actions.flatMap((action) => {
    const made = calls.filter((call) => call.action === action);
    if (made[0]?.changes === true)
      return made.flatMap((_, skip) => kindsFor(true).map((kind) => ({ action, changes: true, kind, skip })));
    // Somewhere in the first half of a life's calls: how many there are depends on the time they take.
    return kindsFor(false).map((kind) => ({
      action,
      changes: false,
      kind,
      skip: chance.below(Math.ceil(made.length / 2)),
    }));
  });
  const lives = intoLives(chance.shuffled(all));
  const waiting = lives.slice(0, allWanted(process.env) ? lives.length : sampledLives);
  const wanted = waiting.flat().length;
  const failed: string[] = [];
  let lived = 0;
  const work = async (fixture: CrashFixture, place: number): Promise<void> => {
    for (let cases = waiting.shift(); cases !== undefined; cases = waiting.shift()) {
      const title = cases.map((one) => `${one.action}: ${one.kind} (after ${one.skip})`).join('; ');
      try {
        await disturbedLife(fixture, `disturbed-${lives.indexOf(cases)}`, cases, say);
        lived += cases.length;
        say(`lived: ${title}`);
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
  say(`${lived} of ${wanted} lived (there are ${all.length})`);
  assert.deepEqual(failed, []);
});

/** Groups of cases that strike different actions. */
function intoLives(cases: readonly Case[]): Case[][] {
  const lives: Case[][] = [];
  for (const one of cases) {
    const fitting = lives.find(
      (life) => life.length < casesInALife && life.every((other) => other.action !== one.action),
    );
    if (fitting === undefined) lives.push([one]);
    else fitting.push(one);
  }
  return lives;
}

async function disturbedLife(
  fixture: CrashFixture,
  name: string,
  cases: readonly Case[],
  say: (text: string) => void,
): Promise<void> {
  const { control } = fixture.programs;
  const rules = cases.map((one) => ruleOf(one.action, one.kind, one.skip));
  const { ids } = await control.post<{ ids: string[] }>('faults', rules);
  await liveLife(fixture, name, { repeatsAllowed: true });
  const left = await control.get<Record<string, { count: number }>>('faults');
  await control.remove('faults');
  for (const [index, rule] of rules.entries()) {
    const { count } = left[ids[index] ?? ''] ?? { count: 0 };
    if (count < rule.count) continue;
    // How often a life asks depends on the time that things take; what it changes does not.
    const isOptional = cases[index]?.changes === false || rule.action === optionalCall;
    assert.ok(isOptional, `${name} never called ${rule.action} as often as an undisturbed life`);
    say(`needed no ${rule.action}: ${name}`);
  }
}
