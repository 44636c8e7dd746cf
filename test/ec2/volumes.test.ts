// Volumes and snapshots with the real AWS client against the sandbox: nothing is made twice when an answer is lost, all
// pages are read, and what AWS refuses is told in words.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { createBelongings } from '../../daemon/ec2/belongings.ts';
import { createCloud } from '../../daemon/ec2/cloud.ts';
import { createStored } from '../../daemon/ec2/stored.ts';
import { createVolumes } from '../../daemon/ec2/volumes.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';

let fixture: ProgramsFixture;
let aws: Aws;
before(async () => {
  fixture = await startProgramsFixture('portald-volumes-', {
    delays: { createVolume: 20, modifyVolume: 20, snapshot: 20 },
  });
  Object.assign(process.env, fixture.environment);
  aws = createAws({ environment: process.env, clock: createAwsClock(Date.now, () => performance.now()) });
});
after(async () => {
  aws?.close();
  await fixture?.end();
});
afterEach(() => fixture.control.remove('faults'));

const given = 'vol-0123456789abcdef0';
const zone = 'eu-central-1a';
const progress = (): void => {};

/** The service of an installation of its own; pauses are short. */
function volumesOf(installation: string) {
  let ids = 0;
  return createVolumes({
    aws,
    stored: createStored(aws, installation, () => undefined, 5),
    installation,
    createdBy: 'me@here',
    portals: {
      portalOf: () => undefined,
      growFileSystem: () => Promise.reject(new Error('no portal is asked')),
      flushVolumes: () => Promise.reject(new Error('no portal is asked')),
    },
    remove: (kind, id) =>
      createBelongings(aws, installation, createCloud(aws, installation), Date.now).remove({
        kind,
        id,
        state: '',
        tags: {},
        origins: [],
      }),
    randomId: () => `${installation}-${++ids}`,
    now: Date.now,
    sleep: (ms) => delay(Math.min(ms, 20)),
  });
}

const context = () => ({ signal: new AbortController().signal, progress });

interface Books {
  readonly volumes: readonly { volumeId: string; state: string; tags: Record<string, string> }[];
  readonly snapshots: readonly { snapshotId: string; tags: Record<string, string> }[];
}

/** What really is there of an installation; what is being deleted is billed no more. */
async function booksOf(installation: string): Promise<{ volumes: string[]; snapshots: string[] }> {
  const { volumes, snapshots } = await fixture.control.get<Books>('state');
  const isIts = ({ tags }: { tags: Record<string, string> }): boolean =>
    tags['portald:installation'] === installation;
  return {
    volumes: volumes
      .filter(isIts)
      .filter((one) => one.state !== 'deleting')
      .map((one) => one.volumeId),
    snapshots: snapshots.filter(isIts).map((one) => one.snapshotId),
  };
}

const fault = (rule: object): Promise<unknown> => fixture.control.post('faults', [rule]);

for (const kind of ['drop-before', 'drop-after'] as const) {
  test(`one volume is made although four answers are lost: ${kind}`, async () => {
    const volumes = volumesOf(`create-${kind}`);
    await fault({ action: 'CreateVolume', kind, count: 4 });
    const request = { zone, sizeGiB: 2, name: 'data', tags: [{ key: 'team', value: 'ml' }] };
    const { volume } = await volumes.create(request, context());
    assert.equal(volume.state, 'available');
    assert.deepEqual(volume.tags, {
      team: 'ml',
      Name: 'data',
      'portald:installation': `create-${kind}`,
      'portald:created-by': 'me@here',
    });
    assert.deepEqual((await booksOf(`create-${kind}`)).volumes, [volume.id]);
  });

  test(`one snapshot is taken although its answer is lost: ${kind}`, async () => {
    const volumes = volumesOf(`snapshot-${kind}`);
    await fault({ action: 'CreateSnapshot', kind, count: 1 });
    const { snapshot } = await volumes.snapshot({ id: given }, context());
    assert.equal(snapshot.state, 'completed');
    assert.deepEqual((await booksOf(`snapshot-${kind}`)).snapshots, [snapshot.id]);
  });

  test(`a volume is changed once although the answer is lost: ${kind}`, async () => {
    const volumes = volumesOf(`update-${kind}`);
    const { volume } = await volumes.create({ zone, sizeGiB: 2 }, context());
    await fault({ action: 'ModifyVolume', kind, count: 1 });
    const grown = await volumes.update({ id: volume.id, sizeGiB: 3, type: 'gp2', name: 'n' }, context());
    assert.deepEqual(
      [grown.isModified, grown.volume.sizeGiB, grown.volume.type, grown.volume.name],
      [true, 3, 'gp2', 'n'],
    );
    const again = await volumes.update({ id: volume.id, sizeGiB: 3 }, context());
    assert.equal(again.isModified, false, 'what is done already is not done twice');
  });
}

test('when EC2 stays silent it is told that the outcome is not known', async () => {
  const volumes = volumesOf('silent');
  await fault({ action: 'CreateVolume', kind: 'drop-before', count: 100 });
  await assert.rejects(volumes.create({ zone, sizeGiB: 2 }, context()), {
    kind: 'endpoint',
    message: /^whether a volume was created is not known/,
    hint: /portalctl volume list/,
  });
  await fault({ action: '*', kind: 'drop-after', skip: 1, count: 100 });
  await assert.rejects(volumes.snapshot({ id: given }, context()), {
    kind: 'endpoint',
    message: /^whether a snapshot of vol-0123456789abcdef0 was taken is not known/,
  });
  assert.equal((await booksOf('silent')).snapshots.length, 1, 'nothing is repeated blindly');
});

test('nobody waits any longer: what was asked for goes on, and is named', async () => {
  const volumes = volumesOf('given-up');
  const controller = new AbortController();
  const told: string[] = [];
  const waiting = volumes.snapshot(
    { id: given },
    {
      signal: controller.signal,
      progress(message) {
        told.push(message);
        if (message.startsWith('snap-')) controller.abort();
      },
    },
  );
  await assert.rejects(waiting, {
    kind: 'cancelled',
    message: /snap-\w+ of vol-\w+ is still being completed/,
  });
  assert.deepEqual((await booksOf('given-up')).snapshots.length, 1);
  controller.abort();
  const late = volumes.create({ zone, sizeGiB: 1 }, { signal: controller.signal, progress });
  await assert.rejects(late, { name: 'AbortError' });
  assert.deepEqual((await booksOf('given-up')).volumes, []);
});

test('all pages are read; those of others only when all are asked for', async () => {
  const volumes = volumesOf('pages');
  const wish = { zone, sizeGiB: 1 };
  const made = await Promise.all(Array.from({ length: 7 }, () => volumes.create(wish, context())));
  const own = (await volumes.list({}, context())).volumes;
  assert.deepEqual(own.map((one) => one.id).toSorted(), made.map(({ volume }) => volume.id).toSorted());
  const all = (await volumes.list({ all: true }, context())).volumes;
  assert.ok(all.some((one) => one.id === given && !one.isOurs));
  assert.deepEqual((await volumes.listSnapshots({}, context())).snapshots, []);
  assert.deepEqual((await volumes.zones(context())).zones, [zone, 'eu-central-1b', 'eu-central-1c']);
  const ids = own.map((one) => one.id);
  const trial = await volumes.delete({ ids, isTrial: true }, context());
  assert.equal(trial.volumes.length, 7);
  assert.equal((await volumes.list({}, context())).volumes.length, 7, 'a trial deletes nothing');
  const { volumes: deleted, failed } = await volumes.delete({ ids: [...ids, ...ids] }, context());
  assert.deepEqual([deleted.length, failed], [7, []]);
});

test("a restored volume has the snapshot's name and size, and is no blank one", async () => {
  const volumes = volumesOf('restore');
  const { snapshot } = await volumes.snapshot({ id: given, name: 'before' }, context());
  const { volume } = await volumes.create({ zone: 'eu-central-1b', snapshotId: snapshot.id }, context());
  assert.deepEqual(
    [volume.name, volume.sizeGiB, volume.snapshotId, volume.zone],
    ['before', 8, snapshot.id, 'eu-central-1b'],
  );
  const ids = [snapshot.id, volume.id];
  await volumes.delete({ ids }, context());
  assert.deepEqual(await booksOf('restore'), { volumes: [], snapshots: [] });
});

test('what cannot be is refused with the reason, and nothing is done', async () => {
  const volumes = volumesOf('refused');
  const create = (more: object): Promise<unknown> => volumes.create({ zone, ...more }, context());
  await assert.rejects(create({}), { kind: 'usage', message: /needs a size/ });
  await assert.rejects(create({ zone: 'mars-1a', sizeGiB: 1 }), { kind: 'zone', hint: /eu-central-1a, / });
  await assert.rejects(create({ snapshotId: 'snap-00000000' }), { kind: 'not-found' });
  await assert.rejects(create({ sizeGiB: 1, type: 'gp9' }), { kind: 'configuration' });
  const { snapshot } = await volumes.snapshot({ id: given }, context());
  await assert.rejects(create({ snapshotId: snapshot.id, sizeGiB: 7 }), { message: /at least its 8 GiB/ });
  const other = volumesOf('another');
  await assert.rejects(other.delete({ ids: [snapshot.id] }, context()), { message: /not created by this/ });
  await assert.rejects(other.delete({ ids: ['vol-00000000'], force: true }, context()), {
    kind: 'not-found',
  });
  await assert.rejects(other.update({ id: given, sizeGiB: 9 }, context()), {
    message: /not created by this/,
  });
  await assert.rejects(other.update({ id: given }, context()), { kind: 'usage' });
  await assert.rejects(other.update({ id: given, sizeGiB: 7, force: true }, context()), {
    message: /has 8 GiB: AWS lets no volume shrink to 7/,
  });
  assert.deepEqual(await booksOf('refused'), { volumes: [], snapshots: [snapshot.id] });
});

test("AWS's refusals in words: the six hours, a limit, a right that the policy does not give", async () => {
  const volumes = volumesOf('words');
  const { volume } = await volumes.create({ zone, sizeGiB: 1 }, context());
  await volumes.update({ id: volume.id, sizeGiB: 2 }, context());
  await assert.rejects(volumes.update({ id: volume.id, sizeGiB: 3 }, context()), {
    kind: 'volume',
    hint: /six hours/,
  });
  const refusal = { kind: 'error', status: 400, message: 'no', count: 1 };
  await fault({ ...refusal, action: 'CreateVolume', code: 'VolumeLimitExceeded' });
  await assert.rejects(volumes.create({ zone, sizeGiB: 1 }, context()), { kind: 'quota', hint: /EBS quota/ });
  await fault({ ...refusal, action: 'DeleteVolume', code: 'UnauthorizedOperation', status: 403 });
  const { failed } = await volumes.delete({ ids: [given], force: true }, context());
  assert.equal(failed[0]?.error.kind, 'permission');
  assert.match(failed[0].error.hint ?? '', /only for what carries portald's tag/);
  await fault({ ...refusal, action: 'DeleteSnapshot', code: 'InvalidSnapshot.InUse' });
  const { snapshot } = await volumes.snapshot({ id: volume.id }, context());
  const inUse = await volumes.delete({ ids: [snapshot.id, volume.id] }, context());
  assert.match(inUse.failed[0]?.error.hint ?? '', /AMI/);
  assert.deepEqual(await booksOf('words'), { volumes: [], snapshots: [snapshot.id] }, 'the rest is deleted');
});

test('a type that is made only with its operations a second is refused without them, before AWS is asked', async () => {
  const volumes = volumesOf('iops');
  const wish = { zone, sizeGiB: 8, type: 'io2' };
  await assert.rejects(volumes.create(wish, context()), { kind: 'usage', message: /io2 needs its number/ });
  const { volume } = await volumes.create({ ...wish, iops: 500 }, context());
  assert.equal(volume.type, 'io2');
  // AWS's own refusal.
  await assert.rejects(
    volumes.create({ ...wish, type: 'st1', iops: 500 }, context()),
    /not supported for st1/,
  );
  assert.deepEqual((await booksOf('iops')).volumes, [volume.id]);
});
