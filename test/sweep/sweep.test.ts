// The sweep with the real AWS client against the sandbox, on a clock that the test turns. The bill is the judge.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { createBelongings } from '../../daemon/ec2/belongings.ts';
import { createCloud } from '../../daemon/ec2/cloud.ts';
import type { FleetRequest } from '../../daemon/portal/cloud.ts';
import type { PortalRecord } from '../../daemon/portal/record.ts';
import { leftFiles } from '../../daemon/store/left-files.ts';
import { claimsOf } from '../../daemon/sweep/claims.ts';
import { createOrphans } from '../../daemon/sweep/orphans.ts';
import { createSweep } from '../../daemon/sweep/sweep.ts';
import { PortalError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/events.ts';
import { eventually } from '../fixture/eventually.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import * as portal from '../portal/world.ts';

const keptRootImage = 'ami-0fedcba9876543210';
const grace = 600_000;
const signal = new AbortController().signal;
const asking = { signal, progress: () => undefined };

let fixture: ProgramsFixture;
let aws: Aws;
before(async () => {
  const images = [
    { imageId: 'ami-0123456789abcdef0' },
    { imageId: keptRootImage, rootDeleteOnTermination: false },
  ];
  fixture = await startProgramsFixture('portald-sweep-', { images });
  Object.assign(process.env, fixture.environment);
  aws = createAws({ environment: process.env, clock: createAwsClock(Date.now, Date.now) });
});
after(async () => {
  aws?.close();
  await fixture?.end();
});

/** An installation with its own records, folder and clock. */
function installationOf(name: string) {
  const folder = join(fixture.folder, name);
  mkdirSync(join(folder, 'portals'), { recursive: true });
  const cloud = createCloud(aws, name);
  const belongings = createBelongings(aws, name, cloud, Date.now, 5);
  const told: Message[] = [];
  const own = { records: [] as PortalRecord[], now: portal.now, claimed: 0, requests: 0 };
  const claims = async () => {
    own.claimed += 1;
    return claimsOf(name, own.records, await leftFiles(folder, new Set(own.records.map((one) => one.name))));
  };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const said = (message: Message): number => told.push(message);
  const sweep = createSweep({ belongings, claims, now: () => own.now, graceMs: grace, log, said });
  const orphans = createOrphans({ belongings, claims, sweep, graceMs: grace, log });
  const request = (change: Partial<FleetRequest> = {}): Promise<string> =>
    cloud.requestFleet({
      token: `${name}-${++own.requests}`,
      portal: 'gpu',
      opening: 'opening',
      generation: 1,
      fleetRole: 'arn:aws:iam::123456789012:role/aws-ec2-spot-fleet-tagging-role',
      instanceTypes: ['m5.large'],
      imageId: 'ami-0123456789abcdef0',
      keyPairName: 'laptop',
      securityGroupId: 'sg-0123456789abcdef0',
      zone: 'eu-central-1a',
      userData: '#cloud-config\n{}\n',
      ...change,
    });
  const launch = async (change?: Partial<FleetRequest>): Promise<{ fleetId: string; instanceId: string }> => {
    const fleetId = await request(change);
    const instanceId = await eventually('it runs', async () => {
      const instances = await fixture.control.instances();
      return instances.find((one) => one['fleetId'] === fleetId && one.state === 'running')?.instanceId;
    });
    return { fleetId, instanceId };
  };
  return {
    own,
    folder,
    told,
    sweep,
    orphans,
    request,
    launch,
    belongings,
    look: async (laterMs: number) => {
      own.now += laterMs;
      await sweep.round(signal);
    },
  };
}

/** Whether the bill still grows for it, or it may launch what does. */
async function costs(id: string): Promise<boolean> {
  const bill = await fixture.control.bill();
  return (
    bill.openFleets.includes(id) ||
    bill.coming.includes(id) ||
    bill.lines.some((line) => line.resourceId === id && line.end === null)
  );
}

test('what a lost record left behind is ended after the grace, and nothing of another installation', async () => {
  const ours = installationOf('installation-ours');
  const theirs = installationOf('installation-theirs');
  const lost = await ours.launch();
  const foreign = await theirs.launch();

  await ours.look(0);
  await ours.look(grace - 1);
  assert.ok(await costs(lost.instanceId), 'it is not ended within the grace');
  await fixture.control.post('faults', [
    { action: 'DescribeSpotFleetRequests', kind: 'error', code: 'UnauthorizedOperation', status: 403 },
  ]);
  await assert.rejects(ours.look(2 * grace), PortalError);
  await fixture.control.remove('faults');
  assert.ok(await costs(lost.instanceId), 'an incomplete look ends nothing');
  assert.equal(ours.told.length, 2, 'so far it was told that there is a fleet and an instance');

  await ours.look(0);
  assert.equal(await costs(lost.instanceId), false, 'it does not cost any more');
  assert.equal(await costs(lost.fleetId), false, 'its fleet launches nothing more');
  assert.deepEqual(
    ours.told.slice(2).map((one) => one.text),
    [lost.fleetId, lost.instanceId].map((id) => `ended ${id} of portal gpu: it belonged to no record`),
  );
  assert.equal(ours.told[2]?.portal, 'gpu');
  assert.ok(await costs(foreign.instanceId), 'the other installation keeps its own');
  assert.ok(await costs(foreign.fleetId));
  await ours.look(grace);
  assert.equal(ours.told.length, 4, 'and that is all');
  assert.deepEqual((await theirs.orphans.remove([foreign.fleetId], asking)).failed, []);
});

test('a record that was set aside protects its machine, until the file is gone', async () => {
  const ours = installationOf('installation-set-aside');
  const kept = await ours.launch();
  const file = join(ours.folder, 'portals', 'gpu.json.set-aside-1');
  writeFileSync(file, '{"version":1,"name":"g');
  for (let turn = 0; turn < 4; turn++) await ours.look(grace);
  assert.ok(await costs(kept.instanceId));
  assert.match(ours.told[0]?.text ?? '', /is kept only for .*gpu\.json\.set-aside-1/);
  const { orphans } = await ours.orphans.list(asking);
  assert.deepEqual(
    orphans.map((one) => [one.id, one.keptFor, one.endsByItself]),
    [
      [kept.instanceId, file, false],
      [kept.fleetId, file, false],
    ],
  );
  rmSync(file);
  await ours.look(grace);
  assert.ok(await costs(kept.instanceId), 'the grace begins anew');
  await ours.look(grace);
  assert.equal(await costs(kept.instanceId), false);
});

test('a record that turns up at the last moment is heeded', async () => {
  const ours = installationOf('installation-late');
  const found = await ours.launch();
  await ours.look(0);
  const { claimed } = ours.own;
  Object.defineProperty(ours.own, 'records', {
    get: () => (ours.own.claimed > claimed + 1 ? [portal.record()] : []),
  });
  await ours.look(grace);
  assert.ok(await costs(found.instanceId));
  assert.equal(ours.told.filter((one) => one.text.startsWith('ended')).length, 0);
  assert.deepEqual((await ours.orphans.list(asking)).orphans, []);
  Object.defineProperty(ours.own, 'records', { value: [] });
  await ours.orphans.remove([found.fleetId, found.instanceId], asking);
});

test('volumes and snapshots are never ended by the sweep, but listed, and removed when they are named', async () => {
  const ours = installationOf('installation-volumes');
  const lost = await ours.launch({ imageId: keptRootImage });
  const ec2 = await aws.client();
  const Tags = [
    { Key: 'portald:installation', Value: 'installation-volumes' },
    { Key: 'portald:portal', Value: 'gpu' },
  ];
  const made = await ec2.createVolume({
    AvailabilityZone: 'eu-central-1a',
    Size: 10,
    VolumeType: 'gp3',
    TagSpecifications: [{ ResourceType: 'volume', Tags }],
  });
  const copied = await ec2.createSnapshot({
    VolumeId: 'vol-0123456789abcdef0',
    TagSpecifications: [{ ResourceType: 'snapshot', Tags }],
  });
  const [volumeId = '', snapshotId = ''] = [made.VolumeId, copied.SnapshotId];

  await ours.look(0);
  const listed = (await ours.orphans.list(asking)).orphans;
  const instance = listed.find((one) => one.id === lost.instanceId);
  assert.deepEqual(instance?.cost, { dollars: 0.05, per: 'hour', about: false });
  assert.equal(instance?.description, 'm5.large in eu-central-1a');
  assert.equal(instance?.endsAt, new Date(ours.own.now + grace).toISOString());
  await ours.look(grace);
  assert.equal(await costs(lost.instanceId), false);

  const root = await eventually('the root volume is left over', async () => {
    const { orphans } = await ours.orphans.list(asking);
    return orphans.find((one) => one.kind === 'volume' && one.id !== volumeId);
  });
  assert.equal(root.portal, 'gpu');
  for (let turn = 0; turn < 3; turn++) await ours.look(grace);
  const { orphans } = await ours.orphans.list(asking);
  assert.deepEqual(
    new Map(orphans.map((one) => [one.id, one.cost])),
    new Map([
      [volumeId, { dollars: 0.8, per: 'month', about: true }],
      [root.id, { dollars: 0.64, per: 'month', about: true }],
      [snapshotId, { dollars: 0.4, per: 'month', about: true }],
    ]),
  );

  await assert.rejects(ours.orphans.remove([volumeId, 'vol-0123456789abcdef0'], asking), (error) => {
    assert.equal((error as PortalError).kind, 'not-found');
    return true;
  });
  assert.ok(await costs(volumeId), 'with one that is no orphan nothing is removed');
  await fixture.control.post('faults', [
    { action: 'DeleteSnapshot', kind: 'error', code: 'UnauthorizedOperation', status: 403, count: 1 },
  ]);
  const first = await ours.orphans.remove([volumeId, root.id, snapshotId], asking);
  assert.deepEqual(
    first.removed.map((one) => one.id),
    [volumeId, root.id],
  );
  assert.deepEqual(
    first.failed.map((one) => [one.id, one.error.kind]),
    [[snapshotId, 'permission']],
  );
  assert.deepEqual((await ours.orphans.remove([snapshotId], asking)).failed, []);
  for (const id of [volumeId, root.id, snapshotId]) {
    await eventually(`${id} costs nothing`, async () => ((await costs(id)) ? undefined : true));
  }
  assert.ok(await costs('vol-0123456789abcdef0'), "the user's own volume is untouched");
});

test("fleets are found on every page of the account's fleets", async () => {
  const ours = installationOf('installation-pages');
  await fixture.control.post('capacity', { instanceType: 'c5.large', zone: 'eu-central-1a', available: 0 });
  for (let count = 0; count < 12; count++) await ours.request({ instanceTypes: ['c5.large'] });
  assert.equal((await ours.belongings.machines(signal)).length, 12);
  await ours.look(0);
  await ours.look(grace);
  assert.deepEqual((await fixture.control.bill()).openFleets, []);
});
