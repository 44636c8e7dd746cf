// The gateway to EC2 with the real AWS client, against the sandbox over HTTP.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { createCloud } from '../../daemon/ec2/cloud.ts';
import { createDescribe } from '../../daemon/ec2/describe.ts';
import type { CloudInstance } from '../../daemon/portal/cloud.ts';
import { PortalError } from '../../protocol/errors.ts';
import { eventually } from '../fixture/eventually.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { fleetRequest as request } from './fleet-request.ts';

let fixture: ProgramsFixture;
let aws: Aws;
before(async () => {
  fixture = await startProgramsFixture('portald-gateway-');
  Object.assign(process.env, fixture.environment);
  aws = createAws({ environment: process.env, clock: createAwsClock(Date.now, () => performance.now()) });
});
after(async () => {
  aws?.close();
  await fixture?.end();
});

const volumeId = 'vol-0123456789abcdef0';

test('a fleet is requested once per token, seen, its instance used and everything ended', async () => {
  const installation = 'installation-1';
  const cloud = createCloud(aws, installation);
  const describe = createDescribe(aws);
  const wanted = request('token-1', { ebsOptimized: true });
  const fleetId = await cloud.requestFleet(wanted);
  assert.equal(await cloud.requestFleet(wanted), fleetId, 'a repeat finds the same fleet');
  await assert.rejects(cloud.requestFleet(request('token-1', { zone: 'eu-central-1b' })), PortalError);

  const running = await eventually<CloudInstance>('an instance runs', async () => {
    const [found] = await describe.ownInstances(installation);
    return found?.state === 'running' ? found : undefined;
  });
  assert.equal(running.tags['portald:portal'], 'gpu');
  assert.equal(running.tags['portald:generation'], '1');
  assert.ok(running.address, 'it has an address');
  const told = await (await aws.client()).describeInstances({ InstanceIds: [running.id] });
  assert.equal(told.Reservations?.[0]?.Instances?.[0]?.EbsOptimized, true);
  assert.deepEqual((await describe.ownInstances('another')).length, 0);
  const asLaunching = { launching: new Set([fleetId]), since: new Date(0) };
  assert.deepEqual(await describe.fleets([fleetId], asLaunching), [
    { id: fleetId, state: 'active', instanceIds: [running.id] },
  ]);
  assert.deepEqual(
    await describe.fleets([fleetId], { ...asLaunching, launching: new Set() }),
    [{ id: fleetId, state: 'active', instanceIds: [] }],
    'its instances are told only if they are asked for',
  );
  const status = await describe.spotStatus([running.spotRequestId ?? '']);
  assert.deepEqual(status, [[running.spotRequestId, 'fulfilled']]);

  await cloud.attachVolume(volumeId, running.id, '/dev/xvdf');
  await eventually('the volume is attached', async () => {
    const [found] = await describe.volumes([volumeId]);
    return found?.attachment?.state === 'attached' ? true : undefined;
  });
  await assert.rejects(cloud.attachVolume(volumeId, running.id, '/dev/xvdg'), (error) => {
    assert.equal((error as PortalError).kind, 'endpoint', 'EC2 tells where it is next time');
    return true;
  });
  await cloud.tagVolume(volumeId, { 'portald:file-system': 'ext4:1' });
  await cloud.detachVolume(volumeId, running.id);
  const free = await eventually('the volume is free', async () => {
    const [found] = await describe.volumes([volumeId]);
    return found?.state === 'available' ? found : undefined;
  });
  assert.equal(free.attachment, undefined);
  assert.equal(free.tags['portald:file-system'], 'ext4:1');
  await cloud.detachVolume(volumeId, running.id);

  await cloud.cancelFleet(fleetId, { mayLeaveInstances: true });
  await cloud.cancelFleet(fleetId, { mayLeaveInstances: true });
  await cloud.terminateInstance(running.id);
  await cloud.terminateInstance('i-00000000000000000');
  await eventually('the instance is terminated', async () => {
    const [found] = await describe.ownInstances(installation);
    return found?.state === 'terminated' ? true : undefined;
  });
});

test('fleets are told by one call; one that EC2 does not know hides none of the others', async () => {
  const describe = createDescribe(aws);
  const cloud = createCloud(aws, 'installation-2');
  const ids = [await cloud.requestFleet(request('token-3')), await cloud.requestFleet(request('token-4'))];
  const asked = async (some: string[]): Promise<{ found: string[]; calls: number }> => {
    const journal = () => fixture.control.get<{ calls: unknown[] }>('calls');
    const before = (await journal()).calls.length;
    const fleets = await describe.fleets(some, { launching: new Set(), since: new Date(0) });
    return { found: fleets.map((one) => one.id), calls: (await journal()).calls.length - before };
  };
  const unknown = 'sfr-00000000-0000-0000-0000-000000000000';
  assert.deepEqual(await asked([]), { found: [], calls: 0 });
  assert.deepEqual(await asked(ids), { found: ids, calls: 1 });
  assert.deepEqual(await asked([...ids, unknown]), { found: ids, calls: 4 });
  assert.deepEqual(await asked([unknown]), { found: [], calls: 1 });
  for (const id of ids) await cloud.cancelFleet(id, { mayLeaveInstances: true });
});

test('a fleet that is refused to be cancelled with its instance is cancelled without', async () => {
  const cloud = createCloud(aws, 'installation-2');
  const fleetId = await cloud.requestFleet(request('token-5'));
  const refusal = { action: 'CancelSpotFleetRequests', kind: 'error', status: 400 };
  const code = 'InvalidParameterCombination';
  await fixture.control.post('faults', [{ ...refusal, code, count: 1 }]);
  await cloud.cancelFleet(fleetId, { mayLeaveInstances: true });
  const [fleet] = await createDescribe(aws).fleets([fleetId], { launching: new Set(), since: new Date(0) });
  assert.match(fleet?.state ?? '', /^cancelled/);

  // One that nobody has on record may have launched what nobody knows.
  const other = await cloud.requestFleet(request('token-7'));
  await fixture.control.post('faults', [{ ...refusal, code, count: 1 }]);
  await assert.rejects(cloud.cancelFleet(other, { mayLeaveInstances: false }), { kind: 'configuration' });
  await cloud.cancelFleet(other, { mayLeaveInstances: false });

  // Refused both ways, it is told.
  await fixture.control.post('faults', [{ ...refusal, code, message: 'not so', count: 2 }]);
  await assert.rejects(cloud.cancelFleet(fleetId, { mayLeaveInstances: true }), {
    kind: 'configuration',
    message: /not so/,
  });
  await fixture.control.remove('faults');
});

test('trouble of a fleet is found in its history', async () => {
  await fixture.control.post('capacity', { instanceType: 'c5.large', zone: 'eu-central-1a', available: 0 });
  const cloud = createCloud(aws, 'installation-2');
  const fleetId = await cloud.requestFleet(request('token-2', { instanceTypes: ['c5.large'] }));
  const fleet = await eventually('the fleet tells its trouble', async () => {
    const [found] = await createDescribe(aws).fleets([fleetId], {
      launching: new Set([fleetId]),
      since: new Date(Date.now() - 3_600_000),
    });
    return found?.trouble === undefined ? undefined : found;
  });
  assert.equal(fleet.trouble?.sort, 'capacity', JSON.stringify(fleet));
  await cloud.cancelFleet(fleetId, { mayLeaveInstances: true });
});

test('that the history of a fleet may not be read hides nothing else', async () => {
  await fixture.control.post('capacity', { instanceType: 'c5.large', zone: 'eu-central-1a', available: 0 });
  const cloud = createCloud(aws, 'installation-2');
  const fleetId = await cloud.requestFleet(request('token-6', { instanceTypes: ['c5.large'] }));
  const refusal = { kind: 'error', code: 'UnauthorizedOperation', status: 403, count: 1 };
  const options = { launching: new Set([fleetId]), since: new Date(0) };
  for (const action of ['DescribeSpotFleetInstances', 'DescribeSpotFleetRequestHistory']) {
    await fixture.control.post('faults', [{ ...refusal, action }]);
    const [fleet] = await createDescribe(aws).fleets([fleetId], options);
    assert.deepEqual([fleet?.id, fleet?.trouble?.sort], [fleetId, 'other'], action);
    assert.match(fleet?.trouble?.message ?? '', /cannot be asked/);
  }
  // What may pass is no answer.
  const busy = {
    action: 'DescribeSpotFleetInstances',
    kind: 'error',
    code: 'RequestLimitExceeded',
    status: 503,
  };
  await fixture.control.post('faults', [{ ...busy, count: 20 }]);
  await assert.rejects(createDescribe(aws).fleets([fleetId], options), { kind: 'throttled' });
  await fixture.control.remove('faults');
  await cloud.cancelFleet(fleetId, { mayLeaveInstances: true });
});

test('the account is learnt from EC2 itself', async () => {
  const identity = await aws.identity();
  assert.equal(identity.account, '123456789012');
  assert.equal(identity.region, 'eu-central-1');
  assert.equal(identity.accessKeyId, 'AKIASANDBOX');
});
