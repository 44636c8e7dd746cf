// What AWS refuses, the sandbox refuses with AWS's code.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  AttachVolumeCommand,
  CancelSpotFleetRequestsCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSpotFleetRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  DetachVolumeCommand,
  type EC2Client,
  ModifyVolumeCommand,
  RequestSpotFleetCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { eventually } from '../fixture/eventually.ts';
import { endOfFile, fleetOf, refusalOf, type SandboxFixture, startSandbox } from './sandbox-fixture.ts';

const unknown = '0123456789abcdef9';
const withFleet = (change: Partial<ReturnType<typeof fleetOf>>) =>
  new RequestSpotFleetCommand({ SpotFleetRequestConfig: { ...fleetOf(), ...change } });
const withSpecification = (
  change: Partial<NonNullable<ReturnType<typeof fleetOf>['LaunchSpecifications']>[number]>,
) =>
  withFleet({ LaunchSpecifications: fleetOf().LaunchSpecifications?.map((one) => ({ ...one, ...change })) });

const rows: [code: string, call: (ec2: EC2Client) => Promise<unknown>][] = [
  ['InvalidInstanceID.Malformed', (ec2) => ec2.send(new DescribeInstancesCommand({ InstanceIds: ['x'] }))],
  [
    'InvalidInstanceID.NotFound',
    (ec2) => ec2.send(new DescribeInstancesCommand({ InstanceIds: [`i-${unknown}`] })),
  ],
  [
    'InvalidInstanceID.NotFound',
    (ec2) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [`i-${unknown}`] })),
  ],
  ['InvalidVolume.NotFound', (ec2) => ec2.send(new DeleteVolumeCommand({ VolumeId: `vol-${unknown}` }))],
  ['InvalidVolumeID.Malformed', (ec2) => ec2.send(new DescribeVolumesCommand({ VolumeIds: ['vol-1'] }))],
  [
    'InvalidSnapshot.NotFound',
    (ec2) => ec2.send(new DeleteSnapshotCommand({ SnapshotId: `snap-${unknown}` })),
  ],
  [
    'InvalidSubnetID.NotFound',
    (ec2) => ec2.send(new DescribeSubnetsCommand({ SubnetIds: [`subnet-${unknown}`] })),
  ],
  ['InvalidAMIID.NotFound', (ec2) => ec2.send(new DescribeImagesCommand({ ImageIds: [`ami-${unknown}`] }))],
  ['InvalidKeyPair.NotFound', (ec2) => ec2.send(new DescribeKeyPairsCommand({ KeyNames: ['nobody'] }))],
  [
    'InvalidSpotFleetRequestId.NotFound',
    (ec2) =>
      ec2.send(
        new DescribeSpotFleetRequestsCommand({
          SpotFleetRequestIds: ['sfr-00000000-0000-0000-0000-000000000000'],
        }),
      ),
  ],
  ...(
    [
      ['InvalidInstanceID.NotFound', `i-${unknown}`],
      ['InvalidVolume.NotFound', `vol-${unknown}`],
      ['InvalidSnapshot.NotFound', `snap-${unknown}`],
      ['InvalidVolumeID.Malformed', 'vol-1'],
      ['InvalidID', 'something'],
    ] as const
  ).map(([code, id]): [string, (ec2: EC2Client) => Promise<unknown>] => [
    code,
    (ec2) => ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] })),
  ]),
  ['InvalidKeyPair.NotFound', (ec2) => ec2.send(new DescribeKeyPairsCommand({ KeyPairIds: ['key-1'] }))],
  ['InvalidGroup.NotFound', (ec2) => ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ['nobody'] }))],
  ['InvalidParameterValue', (ec2) => ec2.send(new DescribeInstanceTypesCommand({ MaxResults: 101 }))],
  ['InvalidParameterValue', (ec2) => ec2.send(new DescribeInstanceTypesCommand({ MaxResults: 4 }))],
  [
    'InvalidParameterValue',
    (ec2) => ec2.send(new DescribeSpotPriceHistoryCommand({ ProductDescriptions: ['BeOS'] })),
  ],
  [
    'InvalidParameterValue',
    (ec2) => ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })),
  ],
  ['InvalidParameterValue', (ec2) => ec2.send(new DescribeInstancesCommand({ MaxResults: 2 }))],
  [
    'InvalidParameterValue',
    (ec2) => ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'eu-central-1a', Size: 0 })),
  ],
  ['MissingParameter', (ec2) => ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'eu-central-1a' }))],
  [
    'MissingParameter',
    (ec2) => ec2.send(new AttachVolumeCommand({ VolumeId: '', InstanceId: '', Device: '' })),
  ],
  [
    'InvalidZone.NotFound',
    (ec2) => ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'mars-1a', Size: 1 })),
  ],
  [
    'UnknownParameter',
    (ec2) =>
      ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'eu-central-1a', Size: 1, OutpostArn: 'x' })),
  ],
  ['DryRunOperation', (ec2) => ec2.send(new DescribeInstancesCommand({ DryRun: true }))],
  ['InvalidAction', (ec2) => ec2.send(new DescribeVpcsCommand({}))],
  ['InvalidSpotFleetRequestConfig', (ec2) => ec2.send(withFleet({ IamFleetRole: 'my-role' }))],
  ['InvalidSpotFleetRequestConfig', (ec2) => ec2.send(withFleet({ LaunchSpecifications: [] }))],
  ['InvalidAMIID.Malformed', (ec2) => ec2.send(withSpecification({ ImageId: 'ubuntu' }))],
  [
    'InvalidParameterValue',
    (ec2) => ec2.send(withSpecification({ UserData: Buffer.alloc(16_385).toString('base64') })),
  ],
  ['InvalidParameterValue', (ec2) => ec2.send(withFleet({ ClientToken: 'x'.repeat(65) }))],
  [
    'InvalidParameterCombination',
    (ec2) =>
      ec2.send(
        withSpecification({ NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: 'subnet-00000000000000001' }] }),
      ),
  ],
  [
    'InvalidParameterValue',
    (ec2) =>
      ec2.send(
        withFleet({ TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }] }),
      ),
  ],
];

const end = endOfFile();
let fixture: SandboxFixture;
before(async () => {
  fixture = await startSandbox(end, {
    volumes: [
      { volumeId: 'vol-0000000000000000a', zone: 'eu-central-1a' },
      { volumeId: 'vol-0000000000000000b', zone: 'eu-central-1b' },
      { volumeId: 'vol-0000000000000000c', zone: 'eu-central-1a' },
    ],
  });
});

test('prices of another system than Linux are none', async () => {
  const count = async (ProductDescriptions: string[]): Promise<number | undefined> =>
    (await fixture.ec2.send(new DescribeSpotPriceHistoryCommand({ ProductDescriptions }))).SpotPriceHistory
      ?.length;
  const all = await count([]);
  assert.ok((all ?? 0) > 0);
  assert.equal(await count(['Linux/UNIX']), all);
  assert.equal(await count(['Linux/UNIX (Amazon VPC)', 'Windows']), all);
  assert.equal(await count(['Windows']), 0);
});

test('refusals by the parameters alone', async () => {
  const { ec2, control } = fixture;
  for (const [code, call] of rows) assert.equal(await refusalOf(call(ec2)), code, call.toString());
  const { lines } = await control('GET', 'bill');
  assert.deepEqual(
    (lines as { resourceId: string }[]).map((line) => line.resourceId),
    ['vol-0000000000000000a', 'vol-0000000000000000b', 'vol-0000000000000000c'],
  );
});

test('a fleet is cancelled one by one, refusals included', async () => {
  const { ec2 } = fixture;
  const SpotFleetRequestIds = ['sfr-1', 'sfr-00000000-0000-0000-0000-000000000000'];
  const answer = await ec2.send(
    new CancelSpotFleetRequestsCommand({ SpotFleetRequestIds, TerminateInstances: true }),
  );
  assert.deepEqual(
    answer.UnsuccessfulFleetRequests?.map((item) => item.Error?.Code),
    ['fleetRequestIdMalformed', 'fleetRequestIdDoesNotExist'],
  );
});

test('refusals by the state of volumes and instances', async () => {
  const { ec2, launch } = fixture;
  const { instance } = await launch();
  const { InstanceId = '' } = instance;
  const attach = (VolumeId: string, Device = '/dev/xvdf') =>
    refusalOf(ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device })));
  const detach = (VolumeId: string) => refusalOf(ec2.send(new DetachVolumeCommand({ VolumeId })));
  assert.equal(await attach('vol-0000000000000000b'), 'InvalidVolume.ZoneMismatch');
  assert.equal(await attach('vol-0000000000000000a', '/dev/disk1'), 'InvalidParameterValue');
  assert.equal(await attach('vol-0000000000000000a'), 'accepted');
  assert.equal(await attach('vol-0000000000000000a', '/dev/xvdg'), 'VolumeInUse');
  assert.equal(await attach('vol-0000000000000000c'), 'InvalidParameterValue');
  assert.equal(await detach('vol-0000000000000000c'), 'IncorrectState');
  const rootId = instance.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '';
  assert.equal(await detach(rootId), 'OperationNotPermitted');
  const remove = new DeleteVolumeCommand({ VolumeId: 'vol-0000000000000000a' });
  assert.equal(await refusalOf(ec2.send(remove)), 'VolumeInUse');
  const shrink = new ModifyVolumeCommand({ VolumeId: 'vol-0000000000000000c', Size: 1 });
  assert.equal(await refusalOf(ec2.send(shrink)), 'InvalidParameterValue');
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  assert.equal(await attach('vol-0000000000000000c', '/dev/xvdh'), 'IncorrectInstanceState');
  await eventually(
    'the volume detaches by itself',
    async () => (await attach('vol-0000000000000000a')) === 'IncorrectInstanceState',
  );
});

test('an account that may not launch is told so', async (t) => {
  const cases: [Record<string, unknown>, string][] = [
    [{ passRole: false }, 'UnauthorizedOperation'],
    [{ serviceLinkedRoles: false }, 'AuthFailure.ServiceLinkedRoleCreationNotPermitted'],
  ];
  for (const [world, code] of cases) {
    const { ec2 } = await startSandbox(t, world);
    assert.equal(await refusalOf(ec2.send(withFleet({}))), code);
  }
});

test('credentials and throttling', async (t) => {
  const { ec2, client, control, ready } = await startSandbox(t, {
    throttle: { DescribeVolumes: { ratePerSecond: 0.001, burst: 2 } },
  });
  const ask = (other: EC2Client) => refusalOf(other.send(new DescribeInstancesCommand({})));
  const credentials = { accessKeyId: ready.accessKeyId, secretAccessKey: 'wrong' };
  assert.equal(await ask(client({ credentials, maxAttempts: 1 })), 'SignatureDoesNotMatch');
  assert.equal(
    await ask(client({ credentials: { ...credentials, accessKeyId: 'AKIANOBODY' }, maxAttempts: 1 })),
    'AuthFailure',
  );
  assert.equal(await ask(client({ region: 'us-east-1', maxAttempts: 1 })), 'SignatureDoesNotMatch');
  assert.equal(await ask(client({ systemClockOffset: 3_600_000, maxAttempts: 1 })), 'RequestExpired');
  const unsigned = await fetch(ready.endpoint, {
    method: 'POST',
    body: 'Action=DescribeInstances&Version=2016-11-15',
  });
  assert.match(await unsigned.text(), /<Code>MissingAuthenticationToken</);
  await control('POST', 'credentials', { expired: true });
  assert.equal(await ask(client({ maxAttempts: 1 })), 'RequestExpired');
  await control('POST', 'credentials', { expired: false });
  assert.equal(await ask(ec2), 'accepted');
  const volumes = () => refusalOf(client({ maxAttempts: 1 }).send(new DescribeVolumesCommand({})));
  assert.deepEqual(
    [await volumes(), await volumes(), await volumes()],
    ['accepted', 'accepted', 'RequestLimitExceeded'],
  );
});
