// Random edits of a tree, with rsyncs killed and connections lost in between: the trees end equal, with nothing told by
// hand and before anything is looked at again by the clock. PORTALD_CRASH_SEED replays the choices of a run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Chance, chanceOf, seedOf } from '../crash/chance.ts';
import { eventually } from '../remote/eventually.ts';
import { patient, startChannelBench } from './channel-bench.ts';
import { listTree } from './tree.ts';

const edits = 150;

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

/** Makes one change that an editor, a program or a person could make. */
function edit(root: string, chance: Chance, index: number): void {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const anyOf = (prefix: string): string =>
    join(root, names[chance.below(Math.max(1, names.length))] ?? `${prefix}${index}`);
  const fresh = (): string =>
    join(chance.below(2) === 0 ? root : dirname(anyOf('new ')), `name ${chance.below(40)}`);
  const path = anyOf('first ');
  const content = `${index} `.repeat(1 + chance.below(2000));
  const kinds: readonly (() => void)[] = [
    () => writeFileSync(fresh(), content),
    () => writeFileSync(path, content),
    () => writeFileSync(path, 'same size'),
    () => appendFileSync(path, content),
    () => {
      writeFileSync(`${path}.tmp`, content);
      renameSync(`${path}.tmp`, path);
    },
    () => renameSync(path, fresh()),
    () => chmodSync(path, 0o700 + chance.below(0o100)),
    () => rmSync(path, { recursive: true }),
    () => mkdirSync(join(fresh(), 'a/b'), { recursive: true }),
    () => symlinkSync(`to ${index}`, fresh()),
    () => {
      rmSync(path, { recursive: true });
      mkdirSync(path);
      writeFileSync(join(path, 'inner'), content);
    },
  ];
  try {
    kinds[chance.below(kinds.length)]?.();
  } catch {
    // Not every edit can be made of every path.
  }
}
