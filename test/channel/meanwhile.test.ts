// A pass that takes its time delays no save: what is saved meanwhile arrives before it is over, and is the last word.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../fixture/eventually.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';
import { inTheMiddle, slowDown, slowRsync, speedUp, temporaryFiles } from './slow-rsync.ts';
import { listTree } from './tree.ts';

for (const when of ['before it starts', 'while it runs'] as const) {
  test(`a large file saved ${when}`, async () => {
    await using fixture = await startChannelFixture({ programs: slowRsync, alsoHere: true });
    const channel = fixture.open({
      direction: 'out',
      local_path: './',
      remote_path: `${fixture.remote}/`,
      recursive: true,
      delete: true,
      delay: 0.05,
    });
    const [here, there] = [join(fixture.local, 'small'), join(fixture.remote, 'small')];
    // Seen whole at once: half of it would be small enough to go by its name.
    const save = (): void => {
      writeFileSync(join(fixture.instance.folder, 'made'), randomBytes(6_000_000));
      renameSync(join(fixture.instance.folder, 'made'), join(fixture.local, 'large'));
    };
    // A minute, unless it is made fast again.
    if (when === 'before it starts') save();
    slowDown(fixture, 100);
    channel.resume(await fixture.transport());
    if (when === 'while it runs') {
      await eventually('it runs', () => channel.view().state === 'idle');
      save();
    }
    await inTheMiddle(fixture.remote);
    for (const text of ['one', 'another', 'the last']) {
      writeFileSync(here, text);
      await eventually(`"${text}" arrives`, () => existsSync(there) && readFileSync(there, 'utf8') === text);
    }
    assert.equal(temporaryFiles(fixture.remote).length, 1, 'the large one is still on its way');
    assert.ok(
      !existsSync(join(fixture.remote, 'large')) || statSync(join(fixture.remote, 'large')).size === 0,
    );
    await eventually('they are counted', () => channel.view().arrival?.saves === 3);
    speedUp(fixture);
    // Ends the slow one; the next does it all.
    await channel.pause();
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
    assert.deepEqual(listTree(fixture.remote), listTree(fixture.local));
  });
}

test('folders that are moved in, and files beside them, come to rest', async () => {
  await using fixture = await startChannelFixture();
  const channel = fixture.open({
    direction: 'out',
    local_path: './',
    remote_path: '~/there/',
    recursive: true,
    delay: 0,
  });
  channel.resume(await fixture.transport());
  await channel.synchronise(patient);
  for (let index = 0; index < 6; index++) {
    const made = join(fixture.instance.folder, 'made');
    mkdirSync(join(made, 'inner'), { recursive: true });
    for (let file = 0; file < 300; file++) writeFileSync(join(made, `inner/${file}`), String(file));
    renameSync(made, join(fixture.local, `folder ${index}`));
    // Saved while the folder is compared.
    await sleep(index * 10);
    writeFileSync(join(fixture.local, `file ${index}`), 'x');
    await eventually('all of it is there', () => {
      const { state, isPending } = channel.view();
      return state === 'idle' && !isPending && existsSync(join(fixture.remote, `file ${index}`));
    });
    assert.deepEqual(listTree(fixture.remote), listTree(fixture.local));
  }
  await eventually('nothing is done any more', async () => {
    const { synchronisations } = channel.view();
    await sleep(300);
    return channel.view().synchronisations === synchronisations;
  });
});
