// What a user does with single channels: waiting until a save has arrived, pausing over a restart, resuming.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ChannelView } from '../../protocol/portal-view.ts';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

const workspace = '/home/ubuntu/workspace';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-channel-');
});
after(() => fixture?.end());

test('sync returns once a save has arrived; a pause lasts over a restart, until it is resumed', async () => {
  fixture.specify('gpu');
  const first = await fixture.startPortald();
  const user = portalUser(fixture, 'gpu');
  assert.equal((await fixture.portalctl(['channel', 'gpu'])).code, 4);
  const { instance } = await user.open();
  const there = async (name: string): Promise<string | undefined> => {
    const found = await fixture.onInstance(instance?.address ?? '', `cat ${workspace}/code/${name}`);
    return found.code === 0 ? found.stdout : undefined;
  };
  const save = (name: string): void => writeFileSync(join(fixture.project, 'code', name), name);

  save('one.py');
  const synced = await fixture.portalctl(['channel', 'gpu', 'sync']);
  assert.equal(synced.code, 0, synced.stderr);
  assert.equal(await there('one.py'), 'one.py');
  assert.equal((await fixture.portalctl(['channel', 'gpu', 'sync', '9'])).code, 2);

  assert.match((await fixture.portalctl(['channel', 'gpu', 'pause', '0'])).stdout, /channel 0: paused/);
  save('two.py');
  await eventually('it is in the queue', async () => {
    const told = JSON.parse((await fixture.portalctl(['channel', 'gpu', '0', '--json'])).stdout) as {
      channels: ChannelView[];
    };
    return told.channels[0]?.queue?.paths === 1 ? true : undefined;
  });
  assert.match((await fixture.portalctl(['channel', 'gpu', 'sync', '0'])).stderr, /channel 0 is paused/);
  assert.equal((await fixture.portalctl(['channel', 'gpu', 'sync'])).code, 0, 'the others are synchronised');
  first.process.kill('SIGTERM');
  await once(first.process, 'exit');
  const second = await fixture.startPortald();
  await user.until('open');
  assert.match((await fixture.portalctl(['channel', 'gpu', '0'])).stdout, /channel 0: paused/);
  assert.equal(await there('two.py'), undefined, 'nothing goes while it is paused');

  assert.equal((await fixture.portalctl(['channel', 'gpu', 'resume'])).code, 0);
  assert.equal((await fixture.portalctl(['channel', 'gpu', 'sync'])).code, 0);
  assert.equal(await there('two.py'), 'two.py');
  await user.close();
  assert.match(
    (await fixture.portalctl(['channel', 'gpu', 'sync'])).stderr,
    /its channels do not run just now/,
  );
  assert.match((await fixture.portalctl(['channel', 'gpu', 'pause'])).stderr, /portal gpu is closed/);
  await assertNothingLeft(fixture);
  second.process.kill('SIGTERM');
  await once(second.process, 'exit');
});

test('closing names what a paused channel leaves behind; what failed on opening stays in the status', async () => {
  fixture.specify('lone', (example) => ({
    ...example,
    persistent_volumes: [],
    channels: example.channels.slice(0, 1),
    on_open: ['echo "no such data" >&2; exit 3', 'true'],
  }));
  const daemon = await fixture.startPortald();
  const user = portalUser(fixture, 'lone');
  await user.open();
  const status = await fixture.portalctl(['status', 'lone']);
  assert.match(status.stdout, /on_open +failed: the command .* ended with 3: no such data; the one after it/);
  await fixture.portalctl(['channel', 'lone', 'pause']);
  writeFileSync(join(fixture.project, 'code', 'unsent.py'), 'x');
  await eventually('it is noticed', async () => {
    const told = JSON.parse((await fixture.portalctl(['channel', 'lone', '--json'])).stdout) as {
      channels: ChannelView[];
    };
    return told.channels[0]?.isPending === true ? true : undefined;
  });
  await user.close();
  const { stdout } = await fixture.portalctl(['events', 'lone']);
  assert.match(
    stdout,
    /channel 0 is paused: what was saved in .*code.* meanwhile, if anything, stays there and was not sent/,
  );
  assert.match(stdout, /was synchronised for the last time/);
  assert.doesNotMatch(stdout, /volume/);
  await assertNothingLeft(fixture);
  daemon.process.kill('SIGTERM');
  await once(daemon.process, 'exit');
});
