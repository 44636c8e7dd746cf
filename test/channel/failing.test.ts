// One thing that cannot be synchronised delays nothing else that is saved.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { holds, patient, startChannelBench } from './channel-bench.ts';
import { listTree } from './tree.ts';

test('what is saved while synchronising fails arrives, and the failure stays told until it is over', async () => {
  await using bench = await startChannelBench();
  // A folder with something in it, where a file is to be.
  mkdirSync(join(bench.remote, 'obstacle'));
  writeFileSync(join(bench.remote, 'obstacle/kept'), 'x');
  writeFileSync(join(bench.local, 'obstacle'), 'a file');
  const channel = bench.open({
    direction: 'out',
    local_path: './',
    remote_path: `${bench.remote}/`,
    recursive: true,
    delay: 0.05,
  });
  channel.resume(await bench.transport());
  await eventually('it fails', () => channel.view().state === 'retrying');
  const passes = channel.view().synchronisations;
  // A pass that fails brings it, too, but is not counted.
  for (let save = 1; channel.view().synchronisations === passes; save++) {
    writeFileSync(join(bench.local, 'file'), `save ${save}`);
    await eventually('it arrives', holds(join(bench.remote, 'file'), `save ${save}`));
  }
  assert.match(channel.view().error ?? '', /obstacle.*move away what has that name on the instance/);
  // The obstacle itself, saved again, is no success.
  writeFileSync(join(bench.local, 'obstacle'), 'the same file');
  writeFileSync(join(bench.local, 'file'), 'the last');
  await eventually('"the last" arrives', holds(join(bench.remote, 'file'), 'the last'));
  assert.match(channel.view().error ?? '', /obstacle/);
  rmSync(join(bench.remote, 'obstacle'), { recursive: true });
  await channel.synchronise(patient);
  assert.equal(channel.view().error, undefined);
  assert.deepEqual(listTree(bench.remote), listTree(bench.local));
});
