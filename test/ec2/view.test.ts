// The shared view of EC2 with the real AWS client, against the sandbox over HTTP: how seldom EC2 is asked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { createCloud } from '../../daemon/ec2/cloud.ts';
import { createDescribe } from '../../daemon/ec2/describe.ts';
import { createCloudView } from '../../daemon/ec2/view.ts';
import type { CloudView } from '../../daemon/portal/cloud.ts';
import type { PortalError } from '../../protocol/errors.ts';
import { eventually } from '../fixture/eventually.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { fleetRequest } from './fleet-request.ts';

let fixture: ProgramsFixture;
let aws: Aws;
before(async () => {
  fixture = await startProgramsFixture('portald-view-');
  Object.assign(process.env, fixture.environment);
  aws = createAws({ environment: process.env, clock: createAwsClock(Date.now, () => performance.now()) });
});
after(async () => {
  aws?.close();
  await fixture?.end();
});

const viewOf = (installation: string): CloudView =>
  createCloudView({
    place: () => Promise.resolve({}),
    describe: createDescribe(aws),
    installation,
    now: Date.now,
    sleep: (ms) => sleep(ms),
  });

const volumeId = 'vol-0123456789abcdef0';

test('one round of calls serves many that ask at once', async () => {
  const view = viewOf('installation-3');
  for (let portal = 0; portal < 50; portal++) {
    view.want(`portal-${portal}`, {
      instanceIds: [],
      volumeIds: [volumeId],
      fleetIds: [],
      launchingFleetIds: [],
    });
  }
  const before = (await fixture.control.get<{ calls: unknown[] }>('calls')).calls.length;
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => view.observe({ notBefore: 0, maximumAgeMs: 1000 })),
  );
  const made = (await fixture.control.get<{ calls: unknown[] }>('calls')).calls.length - before;
  assert.equal(new Set(answers).size, 1);
  assert.ok(made <= 3, `${made} calls`);
  const next = await view.observe({ notBefore: Date.now(), maximumAgeMs: 1000 });
  assert.notEqual(next, answers[0], 'what was done since is seen by a new round');
});

test('many fleets that launch at once are asked for in turn, and what was seen of one stays', async () => {
  await fixture.control.post('capacity', { instanceType: 'c5.large', zone: 'eu-central-1a', available: 0 });
  const cloud = createCloud(aws, 'installation-5');
  const wanted = Array.from({ length: 12 }, (_, index) =>
    cloud.requestFleet(fleetRequest(`token-5-${index}`, { instanceTypes: ['c5.large'] })),
  );
  const fleetIds = await Promise.all(wanted);
  const view = viewOf('installation-5');
  view.want('portal', { instanceIds: [], volumeIds: [], fleetIds, launchingFleetIds: fleetIds });
  const asked = async (): Promise<number> =>
    (await fixture.control.get<{ calls: { action: string }[] }>('calls')).calls.filter(
      (call) => call.action === 'DescribeSpotFleetInstances',
    ).length;
  let before = await asked();
  let inTrouble = 0;
  await eventually('the trouble of each is seen', async () => {
    const { fleets } = await view.observe({ notBefore: Date.now(), maximumAgeMs: 0 });
    const now = await asked();
    assert.ok(now - before <= 5, `${now - before} in one round`);
    before = now;
    const told = [...fleets.values()].filter((one) => one.trouble?.sort === 'capacity').length;
    assert.ok(told >= inTrouble, 'what was seen stays');
    inTrouble = told;
    return told === fleetIds.length ? true : undefined;
  });
  for (const id of fleetIds) await cloud.cancelFleet(id, { mayLeaveInstances: true });
});

test('without the right to look at spot requests the rest is seen, and that is told', async () => {
  const cloud = createCloud(aws, 'installation-6');
  const fleetId = await cloud.requestFleet(fleetRequest('token-6', { instanceTypes: ['m5.large'] }));
  const view = viewOf('installation-6');
  const round = () => view.observe({ notBefore: Date.now(), maximumAgeMs: 0 });
  await eventually('its instance is there', async () =>
    (await round()).spotStatus.size > 0 ? true : undefined,
  );
  const refusal = { action: 'DescribeSpotInstanceRequests', kind: 'error', count: 100 };
  await fixture.control.post('faults', [{ ...refusal, code: 'UnauthorizedOperation', status: 403 }]);
  const { instances, spotStatus, without } = await round();
  assert.deepEqual([instances.size, spotStatus.size], [1, 0]);
  assert.equal(without?.kind, 'permission');
  assert.equal(view.difficulty(), undefined, 'the round was good: it is no reason to wait');
  assert.equal((await round()).without?.since, without?.since);
  await fixture.control.remove('faults');
  const whole = await round();
  assert.deepEqual([whole.spotStatus.size, whole.without], [1, undefined]);
  await cloud.cancelFleet(fleetId, { mayLeaveInstances: true });
});

test('expired credentials are told as such, and the view tells since when', async () => {
  const view = viewOf('installation-4');
  await fixture.control.post('credentials', { expired: true });
  try {
    await assert.rejects(view.observe({ notBefore: 0, maximumAgeMs: 0 }), (error) => {
      assert.equal((error as PortalError).kind, 'credentials', (error as Error).message);
      return true;
    });
    assert.equal(view.difficulty()?.kind, 'credentials');
  } finally {
    await fixture.control.post('credentials', { expired: false });
  }
  await view.observe({ notBefore: 0, maximumAgeMs: 0 });
  assert.equal(view.difficulty(), undefined);
});
