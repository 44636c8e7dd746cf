// State that was lost or damaged: the machines that it knew of are found by their tags, and nothing goes on billing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { OrphanView } from '../../protocol/orphan-view.ts';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../stage/portal-user.ts';
import type { ExampleSpecification } from '../stage/specification.ts';
import { type Stage, setStage } from '../stage/stage.ts';

let stage: Stage;
before(async () => {
  stage = await setStage('portald-orphans-');
});
after(() => stage?.end());

const bare = (example: ExampleSpecification): object => ({
  ...example,
  persistent_volumes: [],
  channels: [],
});

async function orphans(): Promise<OrphanView[]> {
  const told = await stage.portalctl(['orphans', '--json']);
  assert.equal(told.code, 0, told.stdout);
  return (JSON.parse(told.stdout) as { orphans: OrphanView[] }).orphans;
}

/** Waits until root volumes have followed their instances and volumes are free, and nothing goes on billing. */
function nothingLeft(): Promise<true> {
  return eventually('nothing is left', () =>
    assertNothingLeft(stage).then(
      () => true as const,
      () => undefined,
    ),
  );
}

/** Kills portald, does something to the record, and starts portald again. */
async function killedMeanwhile(
  daemon: Awaited<ReturnType<Stage['startPortald']>>,
  meanwhile: (recordPath: string) => void,
  name: string,
): ReturnType<Stage['startPortald']> {
  daemon.process.kill('SIGKILL');
  await once(daemon.process, 'exit');
  meanwhile(join(stage.folder, 'state', 'portals', `${name}.json`));
  return stage.startPortald();
}

test('the machine of a lost record is listed, and removed when it is named; then nothing is left', async () => {
  stage.specify('lost', (example) => ({ ...bare(example), persistent_volumes: example.persistent_volumes }));
  const first = await stage.startPortald();
  const opened = await portalUser(stage, 'lost').open();
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
  const removed = await stage.portalctl(['orphans', 'remove', ...ids, '--yes']);
  assert.equal(removed.code, 0, removed.stderr);
  await nothingLeft();
  assert.deepEqual(await orphans(), []);
  second.process.kill('SIGTERM');
  await once(second.process, 'exit');
});

test('the machine of a damaged record is kept, even when its portal is opened anew', async () => {
  stage.specify('damaged', bare);
  stage.specify('other', bare);
  const first = await stage.startPortald();
  const other = portalUser(stage, 'other');
  const user = portalUser(stage, 'damaged');
  const [before] = await Promise.all([user.open(), other.open()]);
  const second = await killedMeanwhile(first, (path) => writeFileSync(path, '{"version":1,'), 'damaged');

  const again = await user.open();
  assert.notEqual(again.instance?.id, before.instance?.id);
  await eventually('portald comes across it by itself', () =>
    second.log().includes(`${before.instance?.id} of portal damaged costs money and is kept only for`)
      ? true
      : undefined,
  );
  const running = (await stage.control.instances()).filter((one) => one.state === 'running');
  assert.equal(running.length, 3);
  const found = await orphans();
  assert.ok(found.every((one) => one.keptFor?.includes('damaged.json.set-aside-')));
  assert.equal(found[0]?.id, before.instance?.id);

  const ids = found.map((one) => one.id);
  assert.equal((await stage.portalctl(['orphans', 'remove', ...ids, '--yes'])).code, 0);
  await Promise.all([user.close(), other.close()]);
  await nothingLeft();
  second.process.kill('SIGTERM');
  await once(second.process, 'exit');
});
