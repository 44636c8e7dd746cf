// Spot fleets: tokens, faults, capacity, history, replacement, cancelling, and the bill.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CancelSpotFleetRequestsCommand,
  DescribeSpotFleetInstancesCommand,
  DescribeSpotFleetRequestHistoryCommand,
  DescribeSpotFleetRequestsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  type EC2Client,
  ModifySpotFleetRequestCommand,
  RequestSpotFleetCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { eventually } from '../fixture/eventually.ts';
import { fleetOf, instancesOfFleet, refusalOf, startSandbox, zone } from './sandbox-fixture.ts';

const request = (ec2: EC2Client, change: Partial<ReturnType<typeof fleetOf>> = {}) =>
  ec2.send(new RequestSpotFleetCommand({ SpotFleetRequestConfig: { ...fleetOf(), ...change } }));

const fleetsOf = async (ec2: EC2Client) =>
  (await ec2.send(new DescribeSpotFleetRequestsCommand({}))).SpotFleetRequestConfigs ?? [];

const errorsOf = async (ec2: EC2Client, SpotFleetRequestId: string) => {
  const history = new DescribeSpotFleetRequestHistoryCommand({
    SpotFleetRequestId,
    StartTime: new Date(0),
  });
  const { HistoryRecords = [] } = await ec2.send(history);
  return HistoryRecords.filter(({ EventType }) => EventType === 'error' || EventType === 'information').map(
    ({ EventType, EventInformation }) => `${EventType} ${EventInformation?.EventSubType}`,
  );
};

test('one token, one fleet', async (t) => {
  const { ec2 } = await startSandbox(t);
  const first = await request(ec2, { ClientToken: 'once' });
  const again = await request(ec2, { ClientToken: 'once' });
  assert.equal(again.SpotFleetRequestId, first.SpotFleetRequestId);
  assert.equal(
    await refusalOf(request(ec2, { ClientToken: 'once', TargetCapacity: 2 })),
    'IdempotentParameterMismatch',
  );
  assert.equal((await fleetsOf(ec2)).length, 1);
});

test('a connection that drops after the commit makes one fleet with a token, and two without', async (t) => {
  const { ec2, control } = await startSandbox(t);
  await control('POST', 'faults', [{ action: 'RequestSpotFleet', kind: 'drop-after', count: 1 }]);
  await request(ec2, { ClientToken: 'kept', TargetCapacity: 0 });
  assert.equal((await fleetsOf(ec2)).length, 1);
  await control('POST', 'faults', [{ action: 'RequestSpotFleet', kind: 'drop-after', count: 1 }]);
  await request(ec2, { TargetCapacity: 0 });
  assert.equal((await fleetsOf(ec2)).length, 3);
  const { calls } = await control('GET', 'calls');
  assert.match(JSON.stringify(calls), /"outcome":"ok, dropped after"/);
});

test('faults: an error once, a drop before the commit, a stale answer', async (t) => {
  const { ec2, client, control } = await startSandbox(t);
  const once = client({ maxAttempts: 1 });
  await control('POST', 'faults', [
    { action: 'RequestSpotFleet', kind: 'error', code: 'Unavailable', status: 503, count: 1 },
  ]);
  assert.equal(await refusalOf(request(once)), 'Unavailable');
  await control('POST', 'faults', [{ action: 'RequestSpotFleet', kind: 'drop-before', count: 1 }]);
  await assert.rejects(request(once));
  assert.equal((await fleetsOf(ec2)).length, 0);
  await control('POST', 'faults', [{ action: 'DescribeSpotFleetRequests', kind: 'stale', count: 1 }]);
  await request(ec2, { TargetCapacity: 0 });
  assert.equal((await fleetsOf(ec2)).length, 0);
  assert.equal((await fleetsOf(ec2)).length, 1);
});

test('a pool without capacity shows in the history, and the fleet launches when there is some', async (t) => {
  const { ec2, control } = await startSandbox(t);
  await control('POST', 'capacity', { instanceType: 'm5.large', zone, available: 0 });
  const { SpotFleetRequestId = '' } = await request(ec2);
  await eventually('the history says so', async () => (await errorsOf(ec2, SpotFleetRequestId)).length > 0);
  assert.deepEqual(await errorsOf(ec2, SpotFleetRequestId), [
    'information launchSpecTemporarilyBlacklisted',
    'error allLaunchSpecsTemporarilyBlacklisted',
  ]);
  assert.equal((await fleetsOf(ec2))[0]?.ActivityStatus, 'error');
  await control('POST', 'capacity', { instanceType: 'm5.large', zone, available: 1 });
  await eventually(
    'an instance is launched',
    async () => (await instancesOfFleet(ec2, SpotFleetRequestId)).length === 1,
  );
  assert.equal((await fleetsOf(ec2))[0]?.ActivityStatus, 'fulfilled');
});

test('what the region lacks shows in the history', async (t) => {
  const { ec2 } = await startSandbox(t, { quota: { spotVCpus: 2 } });
  const [specification] = fleetOf().LaunchSpecifications ?? [];
  const cases: [Partial<ReturnType<typeof fleetOf>>, string][] = [
    [{ IamFleetRole: 'arn:aws:iam::123456789012:role/other' }, 'error iamFleetRoleInvalid'],
    [
      { LaunchSpecifications: [{ ...specification, KeyName: 'nobody' }] },
      'error spotFleetRequestConfigurationInvalid',
    ],
    [
      { LaunchSpecifications: [{ ...specification, SubnetId: 'subnet-00000000000000002' }] },
      'error spotFleetRequestConfigurationInvalid',
    ],
    [{ SpotPrice: '0.001' }, 'information launchSpecUnusable'],
    [
      { LaunchSpecifications: [{ ...specification, InstanceType: 'p3.2xlarge' }] },
      'error spotInstanceCountLimitExceeded',
    ],
  ];
  for (const [change, code] of cases) {
    const { SpotFleetRequestId = '' } = await request(ec2, change);
    const errors = await eventually(code, async () => {
      const found = await errorsOf(ec2, SpotFleetRequestId);
      return found.length > 0 && found;
    });
    assert.deepEqual(errors, [code]);
  }
});

test('a fleet that maintains replaces what it lost, one that requests does not', async (t) => {
  const { ec2, launch } = await startSandbox(t);
  const alive = async (fleetId: string) =>
    (await ec2.send(new DescribeSpotFleetInstancesCommand({ SpotFleetRequestId: fleetId })))
      .ActiveInstances ?? [];
  const kept = await launch({ Type: 'maintain' });
  const left = await launch();
  const lost = [kept, left].map(({ instance }) => instance.InstanceId ?? '');
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: lost }));
  await eventually('the replacement', async () =>
    (await alive(kept.fleetId)).some((one) => one.InstanceId !== lost[0]),
  );
  assert.deepEqual(await alive(left.fleetId), []);
  await ec2.send(new ModifySpotFleetRequestCommand({ SpotFleetRequestId: kept.fleetId, TargetCapacity: 0 }));
  await eventually('the fleet shrinks', async () => (await alive(kept.fleetId)).length === 0);
});

test('cancelling with termination ends everything that costs', async (t) => {
  const { ec2, launch, control } = await startSandbox(t);
  const { fleetId } = await launch();
  const cancel = new CancelSpotFleetRequestsCommand({
    SpotFleetRequestIds: [fleetId],
    TerminateInstances: true,
  });
  const answer = await ec2.send(cancel);
  assert.equal(answer.SuccessfulFleetRequests?.[0]?.CurrentSpotFleetRequestState, 'cancelled_terminating');
  const bill = await eventually('the bill is closed', async () => {
    const asked = await control('GET', 'bill');
    return JSON.stringify([asked.open, asked.coming, asked.openFleets]) === '[[],[],[]]' && asked;
  });
  // The root volume went with its instance.
  assert.equal(Array.isArray(bill.lines) && bill.lines.length, 2);
  await eventually(
    'the fleet is over',
    async () => (await fleetsOf(ec2))[0]?.SpotFleetRequestState === 'cancelled',
  );
  const again = await ec2.send(cancel);
  assert.equal(again.UnsuccessfulFleetRequests?.[0]?.Error?.Code, 'fleetRequestNotInCancellableState');
});

test('cancelling without termination leaves the instance, and the spot request says so', async (t) => {
  const { ec2, launch } = await startSandbox(t);
  const { fleetId, instance } = await launch();
  await ec2.send(
    new CancelSpotFleetRequestsCommand({ SpotFleetRequestIds: [fleetId], TerminateInstances: false }),
  );
  assert.equal((await fleetsOf(ec2))[0]?.SpotFleetRequestState, 'cancelled_running');
  const { SpotInstanceRequests } = await ec2.send(new DescribeSpotInstanceRequestsCommand({}));
  assert.equal(SpotInstanceRequests?.[0]?.Status?.Code, 'request-canceled-and-instance-running');
  assert.equal(SpotInstanceRequests?.[0]?.InstanceId, instance.InstanceId);
  assert.equal((await instancesOfFleet(ec2, fleetId))[0]?.State?.Name, 'running');
});

test('new resources are not visible at once', async (t) => {
  const { ec2 } = await startSandbox(t, { delays: { visibility: 300 } });
  const { SpotFleetRequestId = '' } = await request(ec2, { TargetCapacity: 0 });
  const ask = () =>
    refusalOf(ec2.send(new DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds: [SpotFleetRequestId] })));
  assert.equal(await ask(), 'InvalidSpotFleetRequestId.NotFound');
  await eventually('the fleet is visible', async () => (await ask()) === 'accepted');
});

test('prices have a history', async (t) => {
  const { ec2, control } = await startSandbox(t);
  await control('POST', 'price', { instanceType: 'm5.large', zone, dollars: 0.09 });
  const InstanceTypes = ['m5.large' as const];
  const { SpotPriceHistory } = await ec2.send(
    new DescribeSpotPriceHistoryCommand({ InstanceTypes, AvailabilityZone: zone }),
  );
  assert.deepEqual(
    SpotPriceHistory?.map((price) => price.SpotPrice),
    ['0.090000', '0.050000'],
  );
});

test('the same seed and the same calls give the same ids', async (t) => {
  const ids = [];
  for (const seed of [7, 7, 8]) {
    const { launch } = await startSandbox(t, { seed });
    const { fleetId, instance } = await launch();
    ids.push(`${fleetId} ${instance.InstanceId} ${instance.PrivateIpAddress}`);
  }
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
});
