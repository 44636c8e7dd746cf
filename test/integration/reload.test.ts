// An edited specification is taken up while the portal is open: channels at once, the rest with the next instance.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PortalView } from '../../protocol/portal-view.ts';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import type { ExampleSpecification } from '../fixture/specification.ts';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-reload-');
  await fixture.startPortald();
});
after(() => fixture?.end());

const workspace = '/home/ubuntu/workspace';

/** The example without packages, with a change. */
function specify(change: (example: ExampleSpecification) => unknown = () => undefined): void {
  fixture.specify('gpu', (example) => {
    change(example);
    return example;
  });
}

async function reload(): Promise<{
  code: number | null;
  stdout: string;
  stderr: string;
  portal?: PortalView;
}> {
  const finished = await fixture.portalctl(['reload', 'gpu', '--json']);
  const told = JSON.parse(finished.stdout) as { portal?: PortalView };
  return { ...finished, ...told };
}

test('channels change at once, a type with the next instance, volumes and a mistake not at all', async () => {
  specify();
  assert.equal((await reload()).code, 4, 'there is no such portal');
  const user = portalUser(fixture, 'gpu');
  const first = (await user.open()).instance?.id ?? '';
  const status = async (): Promise<string> => (await fixture.portalctl(['status', 'gpu'])).stdout;
  assert.doesNotMatch(await status(), /edited|pending/);

  mkdirSync(join(fixture.project, 'notes'));
  writeFileSync(join(fixture.project, 'notes', 'there.txt'), 'there before');
  const [outbound, inbound] = ['code/', 'notes/'].map((path) => ({
    direction: 'out',
    local_path: path,
    remote_path: `${workspace}/${path}`,
    recursive: true,
  }));
  specify((example) => {
    example.channels = [inbound ?? {}, outbound ?? {}];
    example.spot_instance['instance_type'] = 'c5.large';
    example['on_interruption'] = [`echo interrupted > ${workspace}/interrupted.txt`];
  });
  assert.match(await status(), /edited since; take it up: portalctl reload gpu/);
  const edited = JSON.parse((await fixture.portalctl(['status', 'gpu', '--json'])).stdout) as object;
  assert.ok('edited' in edited);

  // What was saved for a channel that goes away still arrives.
  writeFileSync(join(fixture.project, 'code', 'last.py'), 'saved before');
  const taken = await reload();
  assert.equal(taken.code, 0, taken.stdout + taken.stderr);
  assert.deepEqual(taken.portal?.pending, ['spot_instance.instance_type']);
  assert.deepEqual(
    taken.portal?.channels.map((one) => one.remotePath),
    [`${workspace}/notes/`, `${workspace}/code/`],
  );
  assert.equal(taken.portal?.instance?.id, first, 'the instance stays');
  assert.match(await status(), /pending +with the next instance: spot_instance\.instance_type/);
  assert.doesNotMatch(await status(), /edited/);
  assert.equal(await user.fileThere(`${workspace}/code/last.py`), 'saved before');
  assert.equal(await user.fileThere(`${workspace}/notes/there.txt`), 'there before');
  writeFileSync(join(fixture.project, 'notes', 'new.txt'), 'new');
  assert.equal(await user.fileThere(`${workspace}/notes/new.txt`), 'new');

  // The inbound channel is gone: nothing is fetched any more, and what it had fetched stays.
  const address = taken.portal?.instance?.address ?? '';
  await fixture.onInstance(address, `mkdir -p ${workspace}/results; echo no > ${workspace}/results/unwanted`);

  const before = readFileSync(join(fixture.project, 'gpu.json'), 'utf8');
  for (const [change, code, says] of [
    [
      (one: ExampleSpecification) => (one.persistent_volumes = []),
      1,
      /persistent_volumes cannot change while/,
    ],
    [
      (one: ExampleSpecification) => (one.spot_instance['image_id'] = 'ami-0aaaaaaaaaaaaaaaa'),
      1,
      /ami-0aaaaaaaaaaaaaaaa/,
    ],
    [(one: ExampleSpecification) => (one.channels = [{}]), 2, /direction/],
  ] as const) {
    specify(change);
    const refused = await reload();
    assert.equal(refused.code, code, refused.stdout);
    assert.match(refused.stdout, says);
  }
  assert.deepEqual((await user.view()).channels.length, 2, 'nothing has changed');
  writeFileSync(join(fixture.project, 'gpu.json'), before);
  const valid = await fixture.portalctl(['validate', 'gpu', '--aws']);
  assert.equal(valid.code, 0, `its own volumes are not held against it: ${valid.stdout}${valid.stderr}`);

  await fixture.control.post('notice', { instanceId: first });
  const moved = await user.until('open', first);
  assert.equal(moved.instance?.type, 'c5.large');
  assert.equal(moved.pending, undefined);
  assert.equal(await user.fileThere(`${workspace}/interrupted.txt`), 'interrupted\n');
  writeFileSync(join(fixture.project, 'code', 'after.py'), 'after');
  assert.equal(await user.fileThere(`${workspace}/code/after.py`), 'after');
  assert.ok(
    !existsSync(join(fixture.project, 'results', 'unwanted')),
    'a channel that was removed fetches nothing',
  );
  await user.close();
  assert.equal((await reload()).code, 1, 'a closed portal');
  await assertNothingLeft(fixture);
});

test('what was reloaded outlives portald', async () => {
  specify();
  const user = portalUser(fixture, 'gpu');
  const first = (await user.open()).instance?.id ?? '';
  specify((example) => {
    example.channels = [];
    example.spot_instance['remote_group'] = 'root';
  });
  assert.equal((await reload()).code, 0);
  const { pid } = JSON.parse((await fixture.portalctl(['status', '--json'])).stdout) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await eventually('it is gone', async () => {
    const { code } = await fixture.portalctl(['list']);
    return code === 3 ? true : undefined;
  });
  await fixture.startPortald();
  const again = await user.until('open');
  assert.equal(again.instance?.id, first);
  assert.deepEqual(again.channels, []);
  assert.deepEqual(again.pending, ['spot_instance.remote_group']);
  // A channel where there was none.
  specify();
  assert.equal((await reload()).code, 0);
  writeFileSync(join(fixture.project, 'code', 'back.py'), 'back');
  assert.equal(await user.fileThere(`${workspace}/code/back.py`), 'back');
  await user.close();
  await assertNothingLeft(fixture);
});
