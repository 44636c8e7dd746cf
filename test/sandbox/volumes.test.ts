// Volumes: their life, their devices on instances, file systems, snapshots, and what outlives an instance.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  DetachVolumeCommand,
  type EC2Client,
  ModifyVolumeCommand,
  TerminateInstancesCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { eventually } from '../fixture/eventually.ts';
import { endOfFile, fleetOf, refusalOf, type SandboxFixture, startSandbox, zone } from './sandbox-fixture.ts';

const volumeId = 'vol-0000000000000000a';
/** Of the tests that take an own volume. */
const [blankId, busyId] = ['vol-0000000000000000b', 'vol-0000000000000000c'];
const together = ['1', '2', '3', '4', '5', '6'].map((digit) => `vol-0000000000000000${digit}`);
const keepingImageId = 'ami-0fedcba9876543210';

const end = endOfFile();
let fixture: SandboxFixture;
before(async () => {
  fixture = await startSandbox(end, {
    volumes: [
      ...[volumeId, busyId, ...together].map((id) => ({ volumeId: id, zone, formatted: 'ext4' })),
      { volumeId: blankId, zone, sizeGiB: 1 },
    ],
    images: [
      { imageId: 'ami-0123456789abcdef0' },
      { imageId: keepingImageId, rootDeleteOnTermination: false },
    ],
  });
});

const volumeOf = async (ec2: EC2Client, VolumeId: string): Promise<Volume | undefined> =>
  (await ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: 'volume-id', Values: [VolumeId] }] })))
    .Volumes?.[0];

const attach = async (
  ec2: EC2Client,
  InstanceId: string | undefined,
  VolumeId: string,
  Device = '/dev/xvdf',
) => {
  await ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device }));
  await eventually(
    'the volume is attached',
    async () => (await volumeOf(ec2, VolumeId))?.Attachments?.[0]?.State === 'attached',
  );
};

const isFree = async (ec2: EC2Client, VolumeId: string) =>
  (await volumeOf(ec2, VolumeId))?.State === 'available';

test('what a file system holds survives its instance, on another type of machine too', async () => {
  const { ec2, launch, ssh, control } = fixture;
  const first = await launch();
  await attach(ec2, first.instance.InstanceId, volumeId);
  const link = '/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0000000000000000a';
  const written = await ssh(
    first.instance,
    `mkdir data && sudo mount $(readlink -f ${link}) data && echo kept > data/file && lsblk -dno SERIAL $(readlink -f ${link}) && findmnt -nro SOURCE --mountpoint ~/data`,
  );
  assert.deepEqual(written, { code: 0, out: 'vol0000000000000000a\n/dev/nvme1n1\n', err: '' });
  await control('POST', 'kill', { instanceId: first.instance.InstanceId });
  await eventually('the volume is free', () => isFree(ec2, volumeId));
  const [specification] = fleetOf().LaunchSpecifications ?? [];
  const second = await launch({ LaunchSpecifications: [{ ...specification, InstanceType: 'm4.large' }] });
  await attach(ec2, second.instance.InstanceId, volumeId, '/dev/sdf');
  const read = await ssh(
    second.instance,
    'sudo mount -o ro /dev/xvdf /mnt && cat /mnt/file && echo x > /mnt/file',
  );
  assert.equal(read.out, 'kept\n');
  assert.match(read.err, /Read-only file system/);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the sandbox documents
  const volumes = (await control('GET', 'state'))['volumes'] as { volumeId: string }[];
  assert.match(JSON.stringify(volumes.find((one) => one.volumeId === volumeId)), /"tornFrom":\["i-/);
});

test('volumes that are attached at one moment get names of their own, and an end in between is a clean one', async () => {
  const { ec2, launch, ssh, control } = fixture;
  const { instance } = await launch();
  const { InstanceId } = instance;
  const each = (send: (id: string, index: number) => Promise<unknown>) => Promise.all(together.map(send));
  await each((id, index) => attach(ec2, InstanceId, id, `/dev/sd${'fghijk'[index]}`));
  const { out } = await ssh(instance, 'lsblk -dno NAME,SERIAL');
  const lines = out.trim().split('\n').slice(1);
  assert.equal(new Set(lines.map((line) => line.split(/\s+/)[0])).size, together.length, out);
  assert.equal(new Set(lines.map((line) => line.split(/\s+/)[1])).size, together.length, out);
  await each((VolumeId) => ec2.send(new DetachVolumeCommand({ VolumeId, InstanceId })));
  await control('POST', 'kill', { instanceId: InstanceId });
  await each((id) => eventually('the volume is free', () => isFree(ec2, id)));
  const { machines } = await control('GET', 'state');
  assert.ok(Array.isArray(machines) && !machines.includes(InstanceId));
});

test('a blank volume has to be formatted, and formatting empties', async () => {
  const { ec2, launch, ssh } = fixture;
  const { instance } = await launch();
  await attach(ec2, instance.InstanceId, blankId);
  const device = '/dev/nvme1n1';
  const blank = await ssh(
    instance,
    `sudo mount ${device} /mnt; echo $?; sudo blkid -p ${device}; echo $?; sudo wipefs -n ${device}; sudo cmp -n 4194304 ${device} /dev/zero && sudo blockdev --getsize64 ${device}`,
  );
  assert.equal(blank.out, '32\n2\n1073741824\n');
  assert.match(blank.err, /wrong fs type/);
  const id = '7d3f5e5e-0000-4000-8000-000000000001';
  const made = await ssh(
    instance,
    `sudo mkfs.ext4 -q -U ${id} ${device} && sudo mount ${device} /mnt && echo a > /mnt/a && lsblk -no FSTYPE,UUID ${device}; sudo mkfs.ext4 -q ${device}`,
  );
  assert.equal(made.out, `ext4 ${id}\n`);
  assert.match(made.err, /is mounted; will not make a filesystem here/);
  const again = await ssh(
    instance,
    `sudo umount /mnt && sudo mkfs.ext4 -q ${device} && sudo mount ${device} /mnt && ls /mnt && sudo e2fsck -fn ${device} >/dev/null 2>&1; echo $?`,
  );
  assert.equal(again.out, 'lost+found\n0\n');
});

test('a mounted volume stays busy until it is unmounted, or forced', async () => {
  const { ec2, launch, ssh } = fixture;
  const { instance } = await launch();
  await attach(ec2, instance.InstanceId, busyId);
  await ssh(instance, 'sudo mount /dev/nvme1n1 /mnt');
  const inUse = await ssh(instance, 'cd /mnt && sudo umount /mnt');
  assert.equal(inUse.code, 32);
  assert.match(inUse.err, /busy/);
  for (const folder of ['/mnt', '/srv']) {
    await ssh(instance, `cd ${folder} && nohup setsid sleep 985 >/dev/null 2>&1 </dev/null &`);
  }
  const sleepers = async () =>
    (await ssh(instance, 'ps -eo stat,args | grep -c "^S.*sleep 985$"')).out.trim();
  await eventually('both sleep', async () => (await sleepers()) === '2');
  const killed = await ssh(instance, 'sudo fuser -k -TERM -M -m /mnt 2>/dev/null | wc -w');
  assert.equal(killed.out, '1\n');
  await eventually('the one on the volume is gone', async () => (await sleepers()) === '1');
  assert.equal((await ssh(instance, 'sudo fuser -M -m /mnt')).code, 1);
  const isBusy = async () => (await volumeOf(ec2, busyId))?.Attachments?.[0]?.State === ('busy' as string);
  await ec2.send(new DetachVolumeCommand({ VolumeId: busyId }));
  await eventually('the attachment is busy', isBusy);
  await ssh(instance, 'sudo umount /mnt');
  await eventually('the volume is free', () => isFree(ec2, busyId));
  assert.equal((await ssh(instance, 'ls /dev | grep nvme')).out, '');
  await attach(ec2, instance.InstanceId, busyId);
  await ssh(instance, 'sudo mount /dev/nvme1n1 /mnt');
  await ec2.send(new DetachVolumeCommand({ VolumeId: busyId, Force: true }));
  await eventually('the volume is free', () => isFree(ec2, busyId));
});

test('create with a token, tag, grow, snapshot, restore, delete: and the bill is closed', async (t) => {
  const { ec2, launch, ssh, control } = await startSandbox(t);
  const wish = {
    AvailabilityZone: zone,
    Size: 1,
    ClientToken: 'one',
    TagSpecifications: [{ ResourceType: 'volume' as const, Tags: [{ Key: 'a', Value: 'b' }] }],
  };
  const { VolumeId = '' } = await ec2.send(new CreateVolumeCommand(wish));
  assert.equal((await ec2.send(new CreateVolumeCommand(wish))).VolumeId, VolumeId);
  assert.equal(
    await refusalOf(ec2.send(new CreateVolumeCommand({ ...wish, Size: 2 }))),
    'IdempotentParameterMismatch',
  );
  await ec2.send(new CreateTagsCommand({ Resources: [VolumeId], Tags: [{ Key: 'c', Value: 'd' }] }));
  const { Tags } = await ec2.send(
    new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [VolumeId] }] }),
  );
  assert.deepEqual(
    Tags?.map((tag) => tag.Key),
    ['a', 'c'],
  );
  const { Volumes } = await ec2.send(
    new DescribeVolumesCommand({
      Filters: [
        { Name: 'tag:a', Values: ['?'] },
        { Name: 'status', Values: ['avail*', 'creating'] },
      ],
    }),
  );
  assert.equal(Volumes?.[0]?.VolumeId, VolumeId);
  await eventually('the volume is free', () => isFree(ec2, VolumeId));
  await ec2.send(new ModifyVolumeCommand({ VolumeId, Size: 2 }));
  await eventually('the volume has grown', async () => {
    const { VolumesModifications } = await ec2.send(
      new DescribeVolumesModificationsCommand({ VolumeIds: [VolumeId] }),
    );
    return VolumesModifications?.[0]?.ModificationState === 'completed';
  });
  assert.equal((await volumeOf(ec2, VolumeId))?.Size, 2);
  const { instance } = await launch();
  await attach(ec2, instance.InstanceId, VolumeId);
  await ssh(
    instance,
    'sudo mkfs.ext4 -q /dev/nvme1n1 && sudo mount /dev/nvme1n1 /mnt && echo kept > /mnt/file',
  );
  const { SnapshotId = '' } = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
  await eventually('the snapshot is complete', async () => {
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] }));
    return Snapshots?.[0]?.State === 'completed';
  });
  const { VolumeId: copyId = '' } = await ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: zone, SnapshotId }),
  );
  await eventually('the copy is free', () => isFree(ec2, copyId));
  await attach(ec2, instance.InstanceId, copyId, '/dev/xvdg');
  assert.equal((await ssh(instance, 'sudo mount /dev/nvme2n1 /srv && cat /srv/file')).out, 'kept\n');
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance.InstanceId ?? ''] }));
  for (const id of [VolumeId, copyId]) {
    await eventually('the volume is free', () => isFree(ec2, id));
    await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
  }
  await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  assert.deepEqual((await control('GET', 'bill')).open, []);
});

test('a root volume that outlives its instance is on the bill', async () => {
  const { ec2, launch, control } = fixture;
  const [specification] = fleetOf().LaunchSpecifications ?? [];
  const { instance } = await launch({
    LaunchSpecifications: [{ ...specification, ImageId: keepingImageId }],
  });
  const rootId = instance.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '';
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance.InstanceId ?? ''] }));
  await eventually('the root volume is left over', () => isFree(ec2, rootId));
  assert.match(JSON.stringify((await control('GET', 'bill')).open), new RegExp(rootId));
});

test('volumes are paged', async (t) => {
  const volumes = Array.from({ length: 7 }, (_, index) => ({
    volumeId: `vol-0000000000000000${index}`,
    zone,
    sizeGiB: 1,
  }));
  const { ec2 } = await startSandbox(t, { volumes });
  const first = await ec2.send(new DescribeVolumesCommand({ MaxResults: 5 }));
  const rest = await ec2.send(new DescribeVolumesCommand({ MaxResults: 5, NextToken: first.NextToken }));
  assert.deepEqual([first.Volumes?.length, rest.Volumes?.length, rest.NextToken], [5, 2, undefined]);
});

test('the delays of a volume are drawn for it alone: what happens to another shifts nothing', async (t) => {
  const other = 'vol-0000000000000000b';
  const drawn = async (order: string[]) => {
    const { ec2, launch, control } = await startSandbox(t, {
      volumes: [volumeId, other].map((id) => ({ volumeId: id, zone })),
      delays: { attach: { min: 1, max: 100 } },
    });
    const { instance } = await launch();
    for (const id of order)
      await attach(ec2, instance.InstanceId, id, id === other ? '/dev/xvdg' : '/dev/xvdf');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the sandbox documents
    const volumes = (await control('GET', 'state'))['volumes'] as { volumeId: string; drawnMs: object }[];
    return [volumeId, other].map((id) => volumes.find((one) => one.volumeId === id)?.drawnMs);
  };
  const [first, second] = [await drawn([volumeId, other]), await drawn([other, volumeId])];
  assert.deepEqual(first, second);
  assert.notDeepEqual(first[0], first[1]);
});
