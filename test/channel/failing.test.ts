// One thing that cannot be synchronised delays nothing else that is saved.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { holds, patient, startChannelFixture } from './channel-fixture.ts';
import { listTree } from './tree.ts';

test('what is saved while synchronising fails arrives, and the failure stays told until it is over', async () => {
  await using fixture = await startChannelFixture();
  // A folder with something in it, where a file is to be.
  mkdirSync(join(fixture.remote, 'obstacle'));
  writeFileSync(join(fixture.remote, 'obstacle/kept'), 'x');
  writeFileSync(join(fixture.local, 'obstacle'), 'a file');
  const channel = fixture.open({
    direction: 'out',
    local_path: './',
    remote_path: `${fixture.remote}/`,
    recursive: true,
    delay: 0.05,
  });
  channel.resume(await fixture.transport());
  await eventually('it fails', () => channel.view().state === 'retrying');
  const passes = channel.view().synchronisations;
  // A pass that fails brings it, too, but is not counted.
  for (let save = 1; channel.view().synchronisations === passes; save++) {
    writeFileSync(join(fixture.local, 'file'), `save ${save}`);
    await eventually('it arrives', holds(join(fixture.remote, 'file'), `save ${save}`));
  }
  assert.match(channel.view().error ?? '', /obstacle.*move away what has that name on the instance/);
  // The obstacle itself, saved again, is no success.
  writeFileSync(join(fixture.local, 'obstacle'), 'the same file');
  writeFileSync(join(fixture.local, 'file'), 'the last');
  await eventually('"the last" arrives', holds(join(fixture.remote, 'file'), 'the last'));
  assert.match(channel.view().error ?? '', /obstacle/);
  rmSync(join(fixture.remote, 'obstacle'), { recursive: true });
  await channel.synchronise(patient);
  assert.equal(channel.view().error, undefined);
  assert.deepEqual(listTree(fixture.remote), listTree(fixture.local));
});
