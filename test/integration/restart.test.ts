// portald may be ended at any time, in order or not: portals stay, are taken up again, and can be closed.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { assertNothingLeft, type PortalUser, portalUser } from '../fixture/portal-user.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

const workspace = '/home/ubuntu/workspace';

let fixture: ProgramsFixture;
before(async () => {
  fixture = await startProgramsFixture('portald-restart-');
});
after(() => fixture?.end());

/** The portal is closed, and portald ends in order. */
async function closeAndEnd(user: PortalUser, daemon: ChildProcess): Promise<void> {
  await user.close();
  await assertNothingLeft(fixture);
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`after ${signal} a new portald takes the open portal up again`, async () => {
    const name = `ended-by-${signal.toLowerCase()}`;
    fixture.specify(name);
    const first = await fixture.startPortald();
    const user = portalUser(fixture, name);
    const opened = await user.open();

    first.process.kill(signal);
    const [code] = (await once(first.process, 'exit')) as [number | null];
    if (signal === 'SIGTERM') assert.equal(code, 0, first.log());
    assert.equal((await fixture.portalctl(['status'])).code, 3, 'no daemon is told as such');
    writeFileSync(join(fixture.project, 'code', `${name}.py`), 'saved without a daemon');

    const second = await fixture.startPortald();
    const again = await user.until('open');
    assert.equal(again.instance?.id, opened.instance?.id, 'it is the same instance');
    assert.equal(await user.fileThere(`${workspace}/code/${name}.py`), 'saved without a daemon');
    const whole = /is open, for .*mounted vol-.*opening → open.*portald was started again.*channels follow/s;
    await eventually('all of it is told', async () =>
      whole.test((await fixture.portalctl(['why', name])).stdout),
    );
    assert.equal((await fixture.control.instances()).filter((one) => one.state === 'running').length, 1);

    await closeAndEnd(user, second.process);
  });
}

test('closed by a portald that has just started, a portal still makes its last synchronisation', async () => {
  fixture.specify('late');
  const first = await fixture.startPortald();
  const user = portalUser(fixture, 'late');
  const { instance } = await user.open();
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  const made = `mkdir -p ${workspace}/results && echo late > ${workspace}/results/late`;
  assert.equal((await fixture.onInstance(instance?.address ?? '', made)).code, 0);

  const second = await fixture.startPortald();
  await closeAndEnd(user, second.process);
  assert.equal(readFileSync(join(fixture.project, 'results/late'), 'utf8'), 'late\n');
});

test('a damaged record stops no other portal, and its own name tells of it', async () => {
  const { folder } = fixture;
  mkdirSync(join(folder, 'state/portals'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'state/portals/broken.json'), '{"name":"broken","specification":{}}');
  const daemon = await fixture.startPortald();
  for (const command of ['status', 'close', 'why']) {
    const told = await fixture.portalctl([command, 'broken']);
    assert.equal(told.code, 4, told.stderr);
    assert.match(told.stderr, /the record of broken could not be read: .*broken\.json\.set-aside-\d+/);
    assert.match(told.stderr, /portalctl orphans/);
  }
  assert.match((await fixture.portalctl(['status'])).stdout, /broken\.json\.set-aside/);
  daemon.process.kill('SIGTERM');
  await once(daemon.process, 'exit');
  // By it the next one would take this one for killed, and look for what its channels left.
  assert.ok(!existsSync(join(fixture.folder, 'state/run/channels')));
});

test('ended while EC2 does not answer, portald gives the calls up and asks no more', async () => {
  fixture.specify('unanswered');
  const first = await fixture.startPortald();
  const user = portalUser(fixture, 'unanswered');
  await user.open();
  await fixture.control.post('faults', [{ action: '*', kind: 'hold-before' }]);
  await eventually('EC2 is asked, and does not answer', async () => {
    const rules = Object.values(await fixture.control.get<Record<string, { holding: number }>>('faults'));
    return rules.some((rule) => rule.holding > 0) || undefined;
  });
  const signalledAt = Date.now();
  first.process.kill('SIGTERM');
  await once(first.process, 'exit');
  assert.equal(first.process.exitCode, 0, first.log());
  const { calls } = await fixture.control.get<{ calls: { time: string; action: string }[] }>('calls');
  assert.deepEqual(
    // The client would try again after 20 s, twice.
    calls.filter((call) => Date.parse(call.time) > signalledAt + 10_000),
    [],
    'it has tried again',
  );
  await fixture.control.remove('faults');

  const second = await fixture.startPortald();
  await user.until('open');
  await closeAndEnd(user, second.process);
});

test('killed while it opens, portald goes on opening with the machine that it had ordered', async () => {
  fixture.specify('killed-opening');
  const user = portalUser(fixture, 'killed-opening');
  let daemon = await fixture.startPortald();
  assert.equal((await fixture.portalctl(['open', 'killed-opening', '--no-wait'])).code, 0);
  for (let kills = 0; kills < 6; kills++) {
    const view = await user.view();
    if (view.state === 'open') break;
    daemon.process.kill('SIGKILL');
    await once(daemon.process, 'exit');
    daemon = await fixture.startPortald();
  }
  await user.until('open');
  const instances = (await fixture.control.instances()).filter((one) => one.state !== 'terminated');
  assert.equal(instances.length, 1, 'one instance was launched');
  await closeAndEnd(user, daemon.process);
});

test('killed during a handover, portald finishes it', async () => {
  fixture.specify('killed-moving');
  const user = portalUser(fixture, 'killed-moving');
  let daemon = await fixture.startPortald();
  const opened = await user.open();
  await fixture.onInstance(opened.instance?.address ?? '', `echo kept > ${workspace}/kept`);
  await fixture.control.post('notice', { instanceId: opened.instance?.id ?? '' });
  await user.until('recovering');
  daemon.process.kill('SIGKILL');
  await once(daemon.process, 'exit');
  daemon = await fixture.startPortald();
  await user.until('open', opened.instance?.id ?? '');
  assert.equal(await user.fileThere(`${workspace}/kept`), 'kept\n');
  await eventually('one instance is left', async () => {
    const alive = (await fixture.control.instances()).filter((one) => one.state !== 'terminated');
    return alive.length === 1 ? true : undefined;
  });
  await closeAndEnd(user, daemon.process);
});

test('a second portald on the same state is refused with one sentence', async () => {
  const first = await fixture.startPortald();
  const elsewhere = { PORTALD_SOCKET: join(fixture.folder, 'runtime', 'other.sock') };
  await assert.rejects(fixture.startPortald(elsewhere), /already runs on the state folder/);
  first.process.kill('SIGTERM');
  await once(first.process, 'exit');
});

test('a portald that gets no socket ends, and does nothing for its portals before', async () => {
  fixture.specify('served');
  const user = portalUser(fixture, 'served');
  const first = await fixture.startPortald();
  await user.open();
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  const asked = async () => (await fixture.control.get<{ calls: object[] }>('calls')).calls.length;
  const before = await asked();
  const taken = join(fixture.folder, 'runtime', 'taken.sock');
  writeFileSync(taken, 'mine');
  await assert.rejects(
    fixture.startPortald({ PORTALD_SOCKET: taken }),
    /taken\.sock exists and is not a socket/,
  );
  assert.equal(await asked(), before);
  const second = await fixture.startPortald();
  await user.until('open');
  await closeAndEnd(user, second.process);
});
