// The bounds of volumes: sizes, IOPS, throughput and their ratios, when one is made and when it is changed.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  ModifyVolumeCommand,
} from '@aws-sdk/client-ec2';
import { eventually } from '../fixture/eventually.ts';
import { endOfFile, type SandboxFixture, startSandbox } from './sandbox-fixture.ts';

const end = endOfFile();
let fixture: SandboxFixture;
before(async () => {
  fixture = await startSandbox(end, { delays: { createVolume: 10, modifyVolume: 10 } });
});

type Shape = Pick<CreateVolumeCommandInput, 'VolumeType' | 'Size' | 'Iops' | 'Throughput'>;

const make = (shape: Shape) =>
  fixture.ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'eu-central-1a', ...shape }));

test('what a type has without being told, and its largest', async () => {
  for (const [shape, iops, throughput] of [
    [{ VolumeType: 'gp3', Size: 1 }, 3000, 125],
    [{ VolumeType: 'gp3', Size: 65_536, Iops: 80_000, Throughput: 2000 }, 80_000, 2000],
    [{ VolumeType: 'gp3', Size: 8, Iops: 4000, Throughput: 1000 }, 4000, 1000],
    [{ VolumeType: 'io1', Size: 4, Iops: 200 }, 200, undefined],
    [{ VolumeType: 'io2', Size: 256, Iops: 256_000 }, 256_000, undefined],
    [{ Size: 16_384 }, undefined, undefined],
    [{ VolumeType: 'st1', Size: 125 }, undefined, undefined],
    [{ VolumeType: 'standard', Size: 1024 }, undefined, undefined],
  ] as const) {
    const made = await make(shape);
    assert.deepEqual([made.Iops, made.Throughput], [iops, throughput], JSON.stringify(shape));
  }
});

test('what is out of bounds is refused in the words of EC2', async () => {
  const rows: readonly (readonly [Shape, string, RegExp])[] = [
    [{ VolumeType: 'gp3', Size: 65_537 }, 'InvalidParameterValue', /too large .*gp3; maximum is 65536GiB/],
    [{ VolumeType: 'gp2', Size: 16_385 }, 'InvalidParameterValue', /too large .*maximum is 16384GiB/],
    [{ VolumeType: 'sc1', Size: 124 }, 'InvalidParameterValue', /too small .*sc1; minimum is 125GiB/],
    [{ VolumeType: 'standard', Size: 1025 }, 'InvalidParameterValue', /maximum is 1024GiB/],
    [{ VolumeType: 'io1', Size: 3, Iops: 100 }, 'InvalidParameterValue', /minimum is 4GiB/],
    [
      { VolumeType: 'gp3', Size: 100, Iops: 2999 },
      'InvalidParameterValue',
      /iops of 2999 is too low; minimum is 3000/,
    ],
    [{ VolumeType: 'gp3', Size: 1000, Iops: 80_001 }, 'InvalidParameterValue', /maximum is 80000/],
    [
      { VolumeType: 'gp3', Size: 8, Iops: 4001 },
      'InvalidParameterValue',
      /ratio of 500\.125000 is too high; maximum is 500/,
    ],
    [{ VolumeType: 'io1', Size: 10, Iops: 501 }, 'InvalidParameterValue', /maximum is 50\./],
    [{ VolumeType: 'io2', Size: 10, Iops: 10_001 }, 'InvalidParameterValue', /maximum is 1000/],
    [
      { VolumeType: 'gp3', Size: 100, Throughput: 124 },
      'InvalidParameterValue',
      /throughput of 124 is too low/,
    ],
    [{ VolumeType: 'gp3', Size: 100, Throughput: 2001 }, 'InvalidParameterValue', /maximum is 2000/],
    [
      { VolumeType: 'gp3', Size: 100, Throughput: 751 },
      'InvalidParameterValue',
      /ratio of 0\.250333 .*maximum is 0\.25/,
    ],
    [
      { VolumeType: 'gp2', Size: 100, Throughput: 125 },
      'InvalidParameterCombination',
      /throughput is not supported for gp2/,
    ],
    [
      { VolumeType: 'st1', Size: 125, Iops: 500 },
      'InvalidParameterCombination',
      /iops is not supported for st1/,
    ],
    [{ VolumeType: 'io2', Size: 100 }, 'MissingParameter', /iops must be specified for io2/],
  ];
  for (const [shape, name, message] of rows)
    await assert.rejects(make(shape), { name, message }, JSON.stringify(shape));
});

test('a change of IOPS, throughput and type is made, and told with what was before', async () => {
  const { VolumeId: id = '' } = await make({ VolumeType: 'gp3', Size: 100 });
  const volume = async () =>
    (await fixture.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes?.[0];
  await eventually('it is there', async () => (await volume())?.State === 'available');
  const change = (shape: Shape) => fixture.ec2.send(new ModifyVolumeCommand({ VolumeId: id, ...shape }));
  await assert.rejects(change({ Iops: 50_001 }), { message: /maximum is 500/ });
  await assert.rejects(change({ VolumeType: 'st1', Throughput: 500 }), {
    name: 'InvalidParameterCombination',
  });
  const told = (await change({ Iops: 6000, Throughput: 500 })).VolumeModification;
  assert.deepEqual(
    [
      told?.OriginalIops,
      told?.TargetIops,
      told?.OriginalThroughput,
      told?.TargetThroughput,
      told?.TargetSize,
    ],
    [3000, 6000, 125, 500, 100],
  );
  await eventually('it has them', async () => (await volume())?.Iops === 6000);
  assert.equal((await volume())?.Throughput, 500);
  const { VolumesModifications: all = [] } = await fixture.ec2.send(
    new DescribeVolumesModificationsCommand({ VolumeIds: [id] }),
  );
  assert.equal(all[0]?.TargetIops, 6000);
});

test('a volume that becomes another type keeps what that has, too', async () => {
  const { VolumeId: id = '' } = await make({ VolumeType: 'gp3', Size: 100, Iops: 4000, Throughput: 300 });
  const volume = async () =>
    (await fixture.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes?.[0];
  await eventually('it is there', async () => (await volume())?.State === 'available');
  await fixture.ec2.send(new ModifyVolumeCommand({ VolumeId: id, VolumeType: 'io2' }));
  await eventually('it is changed', async () => (await volume())?.VolumeType === 'io2');
  assert.deepEqual([(await volume())?.Iops, (await volume())?.Throughput], [4000, undefined]);
});
