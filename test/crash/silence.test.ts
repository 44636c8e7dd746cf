// Silence is not death: whatever is lost between portald and an instance, EC2 or the clock, as long as nobody says that
// the instance is gone, no other one is ordered. The connection comes back by itself, and what was saved arrives.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allWanted, chanceOf, seedOf } from './chance.ts';
import { type CrashFixture, startCrashFixture } from './crash-fixture.ts';
import { assertNothingLeft, booksOf, callsOf, instancesOf } from './judge.ts';
import { type User, userOf, workspace } from './user.ts';

const all = allWanted(process.env);
const portals = all ? 5 : 2;
const rounds = all ? 20 : 6;
const hourMs = 3_600_000;

let fixture: CrashFixture;
before(async () => {
  fixture = await startCrashFixture({ portals });
});
after(() => fixture?.end());

/** More than the ten listeners after which the runtime takes them for leaked, should channels share what they listen to. */
const channelCount = 11;

/** Outbound channels of a user: the first one carries its saves. */
function manyChannels(user: string): object[] {
  return Array.from({ length: channelCount }, (_, index) => {
    const more = index === 0 ? '' : `-${index}`;
    mkdirSync(join(fixture.programs.project, `code-${user}${more}`), { recursive: true });
    return {
      direction: 'out',
      local_path: `code-${user}${more}/`,
      remote_path: `${workspace}/code${more}/`,
      recursive: true,
      delay: 0.1,
    };
  });
}

/** What can be lost; each resolves to how it is given back. */
const losses = {
  refused: (ids: readonly string[]) => network(ids, 'refuse'),
  'swallowed by a black hole': (ids: readonly string[]) => network(ids, 'blackhole'),
  async 'SSH and EC2 both silent'(ids: readonly string[]) {
    await fixture.programs.control.post('faults', [{ action: '*', kind: 'drop-before' }]);
    const back = await network(ids, 'blackhole');
    return async () => {
      await fixture.programs.control.remove('faults');
      await back();
    };
  },
  'the laptop sleeps': () => {
    fixture.portald().kill('SIGSTOP');
    return Promise.resolve(() => {
      fixture.portald().kill('SIGCONT');
      return Promise.resolve();
    });
  },
  'the laptop sleeps, and its clock has jumped by hours when it wakes'() {
    fixture.portald().kill('SIGSTOP');
    return Promise.resolve(() => {
      fixture.setClock(8 * hourMs);
      fixture.portald().kill('SIGCONT');
      return Promise.resolve();
    });
  },
  'the clock is set back by a day, and put right'() {
    fixture.setClock(-24 * hourMs);
    return Promise.resolve(() => {
      fixture.setClock(0);
      return Promise.resolve();
    });
  },
} as const;
const kinds = Object.keys(losses) as (keyof typeof losses)[];

async function network(ids: readonly string[], mode: string): Promise<() => Promise<void>> {
  const set = (wanted: string): Promise<unknown> =>
    Promise.all(
      ids.map((instanceId) => fixture.programs.control.post('network', { instanceId, mode: wanted })),
    );
  await set(mode);
  return async () => {
    await set('ok');
  };
}

test('no loss of SSH, no partition and no sleep begins a recovery', async (context) => {
  const say = (text: string): void => context.diagnostic(text);
  const chance = chanceOf(seedOf(process.env, say));
  const users = fixture.volumes.map((volume, index) =>
    userOf(
      fixture,
      `silent-${index}`,
      volume,
      index === 0 ? { channels: manyChannels(`silent-${index}`) } : {},
    ),
  );
  const opened = await Promise.all(users.map((user) => user.open()));
  const ids = opened.map((view) => view.instance?.id ?? '');
  const launches = (await callsOf(fixture)).length;

  for (let round = 0; round < rounds; round++) {
    // Each kind once before chance has its way, so that a sample meets all of them.
    const kind = kinds[round] ?? chance.pick(kinds);
    // Sometimes longer than it takes to notice that a connection is dead.
    const ms = chance.below(5) === 0 && all ? 22_000 : 300 + chance.below(all ? 3000 : 600);
    const giveBack = await losses[kind](ids);
    for (const user of users) user.save(`round-${round}`, `${kind} of ${user.name}`);
    await sleep(ms);
    await giveBack();
    await Promise.all(
      users.map((user, index) =>
        user.arrived(ids[index] ?? '', `code/round-${round}`, `${kind} of ${user.name}`),
      ),
    );
    await Promise.all(users.map((user, index) => assertUntouched(user, ids[index] ?? '')));
    say(`${kind} for ${ms} ms, ${users.length} portals: untouched`);
  }
  const changing = (await callsOf(fixture)).slice(launches).filter((call) => call.changes);
  assert.deepEqual(changing, [], 'portald changed nothing in EC2');
  assert.doesNotMatch(fixture.log(), /moving to a new instance/);
  say(`${rounds * users.length} runs, no recovery`);
  await Promise.all(users.map((user) => user.close()));
  await assertNothingLeft(fixture);
});

async function assertUntouched(user: User, instanceId: string): Promise<void> {
  const view = await user.view();
  assert.equal(view?.state, 'open', `${user.name} stays open`);
  assert.equal(view?.instance?.id, instanceId, 'on the same instance');
  const launched = instancesOf(await booksOf(fixture), user.name);
  assert.deepEqual(
    launched.map((one) => [one.instanceId, one.state]),
    [[instanceId, 'running']],
    'no other one was launched',
  );
}
