// State that was lost or damaged: the machines that it knew of are found by their tags, and nothing goes on billing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { OrphanView } from '../../protocol/orphan-view.ts';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import type { ExampleSpecification } from '../fixture/specification.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-orphans-');
});
after(() => fixture?.end());

const bare = (example: ExampleSpecification): object => ({
  ...example,
  persistent_volumes: [],
  channels: [],
});

async function orphans(): Promise<OrphanView[]> {
  const told = await fixture.portalctl(['orphans', '--json']);
  assert.equal(told.code, 0, told.stdout);
  return (JSON.parse(told.stdout) as { orphans: OrphanView[] }).orphans;
}

/** Waits until root volumes have followed their instances and volumes are free, and nothing goes on billing. */
function nothingLeft(): Promise<true> {
  return eventually('nothing is left', () =>
    assertNothingLeft(fixture).then(
      () => true as const,
      () => undefined,
    ),
  );
}

/** Kills portald, does something to the record, and starts portald again. */
async function killedMeanwhile(
  daemon: Awaited<ReturnType<ProgramsFixture['startPortald']>>,
  meanwhile: (recordPath: string) => void,
  name: string,
): ReturnType<ProgramsFixture['startPortald']> {
  daemon.process.kill('SIGKILL');
  await once(daemon.process, 'exit');
  meanwhile(join(fixture.folder, 'state', 'portals', `${name}.json`));
  return fixture.startPortald();
}

test('the machine of a lost record is listed, and removed when it is named; then nothing is left', async () => {
  fixture.specify('lost', (example) => ({
    ...bare(example),
    persistent_volumes: example.persistent_volumes,
  }));
  const first = await fixture.startPortald();
  const opened = await portalUser(fixture, 'lost').open();
  assert.deepEqual(await orphans(), [], 'what a portal has is no orphan');

  const second = await killedMeanwhile(first, (path) => rmSync(path), 'lost');
  const found = await orphans();
  assert.deepEqual(
    found.map((one) => [one.kind, one.portal, one.endsByItself]),
    [
      ['instance', 'lost', true],
      ['fleet', 'lost', true],
    ],
  );
  const ids = found.map((one) => one.id);
  assert.equal(ids[0], opened.instance?.id);
  const removed = await fixture.portalctl(['orphans', 'remove', ...ids, '--yes']);
  assert.equal(removed.code, 0, removed.stderr);
  await nothingLeft();
  assert.deepEqual(await orphans(), []);
  second.process.kill('SIGTERM');
  await once(second.process, 'exit');
});

test('the machine of a damaged record is kept, even when its portal is opened anew', async () => {
  fixture.specify('damaged', bare);
  fixture.specify('other', bare);
  const first = await fixture.startPortald();
  const other = portalUser(fixture, 'other');
  const user = portalUser(fixture, 'damaged');
  const [before] = await Promise.all([user.open(), other.open()]);
  const second = await killedMeanwhile(first, (path) => writeFileSync(path, '{"version":1,'), 'damaged');

  const again = await user.open();
  assert.notEqual(again.instance?.id, before.instance?.id);
  await eventually('portald comes across it by itself', () =>
    second.log().includes(`${before.instance?.id} of portal damaged costs money and is kept only for`)
      ? true
      : undefined,
  );
  const running = (await fixture.control.instances()).filter((one) => one.state === 'running');
  assert.equal(running.length, 3);
  const found = await orphans();
  assert.ok(found.every((one) => one.keptFor?.includes('damaged.json.set-aside-')));
  assert.equal(found[0]?.id, before.instance?.id);

  const ids = found.map((one) => one.id);
  assert.equal((await fixture.portalctl(['orphans', 'remove', ...ids, '--yes'])).code, 0);
  await Promise.all([user.close(), other.close()]);
  await nothingLeft();
  second.process.kill('SIGTERM');
  await once(second.process, 'exit');
});
