// Random edits of a tree, with rsyncs killed and connections lost in between: the trees end equal, with nothing told by
// hand and before anything is looked at again by the clock. Fewer by default than with PORTALD_CRASH=all.
// PORTALD_CRASH_SEED replays the choices of a run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allWanted, chanceOf, seedOf } from '../crash/chance.ts';
import { eventually } from '../fixture/eventually.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';
import { edit } from './edits.ts';
import { listTree } from './tree.ts';

const edits = allWanted(process.env) ? 150 : 50;

test('whatever is edited and whatever fails, the trees end equal', async (context) => {
  const chance = chanceOf(seedOf(process.env, (text) => context.diagnostic(text)));
  await using fixture = await startChannelFixture();
  const channel = fixture.open({
    direction: 'out',
    local_path: './',
    remote_path: `${fixture.remote}/`,
    recursive: true,
    delete: true,
    delay: 0.02,
  });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  for (let index = 0; index < edits; index++) {
    edit(fixture.local, chance, index);
    if (chance.below(15) === 0) spawnSync('pkill', ['-KILL', '-f', `rsync.*${fixture.instance.folder}`]);
    if (chance.below(60) === 0) {
      await fixture.instance.stop();
      await sleep(chance.below(300));
      await fixture.instance.start();
    }
    await sleep(chance.below(3) === 0 ? chance.below(150) : chance.below(10));
  }
  const here = listTree(fixture.local);
  await eventually(
    'the trees are equal',
    () => JSON.stringify(listTree(fixture.remote)) === JSON.stringify(here),
  ).catch((error: unknown) => {
    assert.deepEqual(listTree(fixture.remote), here, `${String(error)}; ${JSON.stringify(channel.view())}`);
  });
});
