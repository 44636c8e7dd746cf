// How to find out whether an action is allowed without doing it: one question for each action of iam-policy.json.
import { tagNames } from '../portal/cloud.ts';
import type { Aws } from './aws.ts';

export type Ec2 = Awaited<ReturnType<Aws['client']>>;
type Options = { readonly abortSignal: AbortSignal };

/** Asks; rejects with the AWS client's error. */
export type Question = (ec2: Ec2, options: Options) => Promise<unknown>;

/** Ids of the right form that nothing has. */
const nobody = {
  instance: 'i-00000000000000000',
  volume: 'vol-00000000000000000',
  snapshot: 'snap-00000000000000000',
  image: 'ami-00000000000000000',
  fleet: 'sfr-00000000-0000-0000-0000-000000000000',
};

/** Calls that change nothing, and bring little. */
export const calls: Readonly<Record<string, Question>> = {
  'ec2:DescribeAvailabilityZones': (ec2, options) => ec2.describeAvailabilityZones({}, options),
  'ec2:DescribeImages': (ec2, options) => ec2.describeImages({ Owners: ['self'], MaxResults: 5 }, options),
  'ec2:DescribeInstanceTypes': (ec2, options) => ec2.describeInstanceTypes({ MaxResults: 5 }, options),
  'ec2:DescribeInstances': (ec2, options) => ec2.describeInstances({ MaxResults: 5 }, options),
  'ec2:DescribeKeyPairs': (ec2, options) =>
    ec2.describeKeyPairs({ Filters: [{ Name: 'key-name', Values: ['portald-doctor'] }] }, options),
  'ec2:DescribeSecurityGroups': (ec2, options) => ec2.describeSecurityGroups({ MaxResults: 5 }, options),
  'ec2:DescribeSnapshots': (ec2, options) =>
    ec2.describeSnapshots({ OwnerIds: ['self'], MaxResults: 5 }, options),
  'ec2:DescribeSpotFleetRequests': (ec2, options) =>
    ec2.describeSpotFleetRequests({ MaxResults: 5 }, options),
  'ec2:DescribeSpotInstanceRequests': (ec2, options) =>
    ec2.describeSpotInstanceRequests({ MaxResults: 5 }, options),
  'ec2:DescribeSpotPriceHistory': (ec2, options) => ec2.describeSpotPriceHistory({ MaxResults: 5 }, options),
  'ec2:DescribeSubnets': (ec2, options) => ec2.describeSubnets({ MaxResults: 5 }, options),
  'ec2:DescribeVolumes': (ec2, options) => ec2.describeVolumes({ MaxResults: 5 }, options),
  'ec2:DescribeVolumesModifications': (ec2, options) =>
    ec2.describeVolumesModifications({ MaxResults: 5 }, options),
};

const DryRun = true;

/** Dry runs: AWS answers whether it would be allowed, and does nothing. Done in earnest they would find nothing to do. */
export const dryRuns: Readonly<Record<string, Question>> = {
  'ec2:AttachVolume': (ec2, options) =>
    ec2.attachVolume(
      { DryRun, VolumeId: nobody.volume, InstanceId: nobody.instance, Device: '/dev/sdf' },
      options,
    ),
  'ec2:CancelSpotFleetRequests': (ec2, options) =>
    ec2.cancelSpotFleetRequests(
      { DryRun, SpotFleetRequestIds: [nobody.fleet], TerminateInstances: true },
      options,
    ),
  'ec2:CreateSnapshot': (ec2, options) => ec2.createSnapshot({ DryRun, VolumeId: nobody.volume }, options),
  // Of a snapshot that is not there, so that an EC2 that knows no dry runs cannot make it.
  'ec2:CreateVolume': async (ec2, options) => {
    const { AvailabilityZones: zones } = await ec2.describeAvailabilityZones({}, options);
    const AvailabilityZone = zones?.[0]?.ZoneName ?? '';
    return ec2.createVolume({ DryRun, AvailabilityZone, SnapshotId: nobody.snapshot }, options);
  },
  'ec2:CreateTags': (ec2, options) =>
    ec2.createTags(
      { DryRun, Resources: [nobody.volume], Tags: [{ Key: 'portald:doctor', Value: '' }] },
      options,
    ),
  'ec2:DeleteSnapshot': (ec2, options) =>
    ec2.deleteSnapshot({ DryRun, SnapshotId: nobody.snapshot }, options),
  'ec2:DeleteVolume': (ec2, options) => ec2.deleteVolume({ DryRun, VolumeId: nobody.volume }, options),
  'ec2:DescribeSpotFleetInstances': (ec2, options) =>
    ec2.describeSpotFleetInstances({ DryRun, SpotFleetRequestId: nobody.fleet }, options),
  'ec2:DescribeSpotFleetRequestHistory': (ec2, options) =>
    ec2.describeSpotFleetRequestHistory(
      { DryRun, SpotFleetRequestId: nobody.fleet, StartTime: new Date(0) },
      options,
    ),
  'ec2:DetachVolume': (ec2, options) =>
    ec2.detachVolume({ DryRun, VolumeId: nobody.volume, InstanceId: nobody.instance }, options),
  'ec2:GetConsoleOutput': (ec2, options) =>
    ec2.getConsoleOutput({ DryRun, InstanceId: nobody.instance }, options),
  'ec2:ModifyVolume': (ec2, options) =>
    ec2.modifyVolume({ DryRun, VolumeId: nobody.volume, Size: 1 }, options),
  'ec2:TerminateInstances': (ec2, options) =>
    ec2.terminateInstances({ DryRun, InstanceIds: [nobody.instance] }, options),
};

/** The policy allows these only for what carries our tag, so that a refusal for anything else tells nothing. */
export const onlyForOurs: ReadonlySet<string> = new Set(['ec2:DeleteSnapshot', 'ec2:DeleteVolume']);

/**
 * Would cost something if an EC2 that knows no dry runs did it: see how they are asked. Tagged as ours, so that what came
 * of one whose answer was lost is an orphan, which is listed and ended.
 */
export const launches = {
  /** Of no capacity: done in earnest it launches nothing. Resolves to the fleet that should not be. */
  'ec2:RequestSpotFleet': async (
    ec2: Ec2,
    account: string,
    installation: string,
  ): Promise<string | undefined> => {
    const SpotFleetRequestConfig = {
      // That which the policy lets pass: a role of another account would be refused.
      IamFleetRole: `arn:aws:iam::${account}:role/aws-ec2-spot-fleet-tagging-role`,
      TargetCapacity: 0,
      // The only type for which a capacity of 0 is valid.
      Type: 'maintain' as const,
      LaunchSpecifications: [{ ImageId: nobody.image, InstanceType: 'm5.large' as const }],
      TagSpecifications: [tagged('spot-fleet-request', installation)],
    };
    const answer = await ec2.requestSpotFleet({ DryRun, SpotFleetRequestConfig });
    return answer.SpotFleetRequestId;
  },
  /** Resolves to the instances that should not be. */
  'ec2:RunInstances': async (ec2: Ec2, installation: string): Promise<string[]> => {
    const one = { ImageId: nobody.image, InstanceType: 'm5.large', MinCount: 1, MaxCount: 1 } as const;
    const answer = await ec2.runInstances({
      DryRun,
      ...one,
      TagSpecifications: [tagged('instance', installation)],
    });
    return (answer.Instances ?? []).map((instance) => instance.InstanceId ?? '');
  },
} as const;

function tagged<K extends 'spot-fleet-request' | 'instance'>(kind: K, installation: string) {
  return { ResourceType: kind, Tags: [{ Key: tagNames.installation, Value: installation }] };
}

/** What cannot be told without doing it, and when it is told. */
export const untold: Readonly<Record<string, string>> = {
  'iam:CreateServiceLinkedRole': 'told only by the first spot request of an account',
  'iam:PassRole': 'told only when a spot fleet is requested',
};
