// Random edits of a tree, with rsyncs killed and connections lost in between: the trees end equal, with nothing told by
// hand and before anything is looked at again by the clock. Fewer by default than with PORTALD_CRASH=all.
// PORTALD_CRASH_SEED replays the choices of a run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allWanted, chanceOf, seedOf } from '../crash/chance.ts';
import { eventually } from '../fixture/eventually.ts';
import { patient, startChannelBench } from './channel-bench.ts';
import { edit } from './edits.ts';
import { listTree } from './tree.ts';

const edits = allWanted(process.env) ? 150 : 50;

test('whatever is edited and whatever fails, the trees end equal', async (context) => {
  const chance = chanceOf(seedOf(process.env, (text) => context.diagnostic(text)));
  await using bench = await startChannelBench();
  const channel = bench.open({
    direction: 'out',
    local_path: './',
    remote_path: `${bench.remote}/`,
    recursive: true,
    delete: true,
    delay: 0.02,
  });
  channel.resume(await bench.transport());
  await channel.synchronise(patient);
  for (let index = 0; index < edits; index++) {
    edit(bench.local, chance, index);
    if (chance.below(15) === 0) spawnSync('pkill', ['-KILL', '-f', `rsync.*${bench.instance.folder}`]);
    if (chance.below(60) === 0) {
      await bench.instance.stop();
      await sleep(chance.below(300));
      await bench.instance.start();
    }
    await sleep(chance.below(3) === 0 ? chance.below(150) : chance.below(10));
  }
  const here = listTree(bench.local);
  await eventually(
    'the trees are equal',
    () => JSON.stringify(listTree(bench.remote)) === JSON.stringify(here),
  ).catch((error: unknown) => {
    assert.deepEqual(listTree(bench.remote), here, `${String(error)}; ${JSON.stringify(channel.view())}`);
  });
});
