// Everything in EC2 that carries this installation's tag, and the end of it. What the sweep works with.
import { type Cloud, fleetTag, tagNames } from '../portal/cloud.ts';
import { type Belonging, type Belongings, spotPool } from '../sweep/belonging.ts';
import type { Aws } from './aws.ts';
import { awsCodeOf } from './aws-errors.ts';
import type { AwsInstance } from './client-ec2.ts';
import { named, paged, sorted, toTags } from './describe.ts';

/** `now`: AWS's time. `perPage`: how many items of each kind one call is to bring; EC2 takes 5 to 1000. */
export function createBelongings(
  aws: Aws,
  installation: string,
  cloud: Cloud,
  now: () => number,
  perPage = 500,
): Belongings {
  const page = { MaxResults: perPage };
  const own = { Filters: [{ Name: `tag:${tagNames.installation}`, Values: [installation] }], ...page };

  const instances = async (abortSignal: AbortSignal): Promise<Belonging[]> => {
    const ec2 = await aws.client();
    return paged(async (token) => {
      const answer = await ec2.describeInstances({ ...own, ...token }, { abortSignal });
      const found = (answer.Reservations ?? []).flatMap((one) => one.Instances ?? []);
      return { items: named(found.map(toBelonging)), next: answer.NextToken };
    });
  };

  /** This call takes no filter: it tells of every fleet of the account. */
  const fleets = async (abortSignal: AbortSignal): Promise<Belonging[]> => {
    const ec2 = await aws.client();
    const all = await paged(async (token) => {
      const answer = await ec2.describeSpotFleetRequests({ ...page, ...token }, { abortSignal });
      const found = (answer.SpotFleetRequestConfigs ?? []).map((one) => ({
        kind: 'fleet' as const,
        id: one.SpotFleetRequestId ?? '',
        state: one.SpotFleetRequestState ?? '',
        tags: toTags(one.Tags),
        origins: [],
        ...createdAt(one.CreateTime),
      }));
      return { items: named(found), next: answer.NextToken };
    });
    return all.filter((one) => one.tags[tagNames.installation] === installation);
  };

  const volumes = async (abortSignal: AbortSignal): Promise<Belonging[]> => {
    const ec2 = await aws.client();
    return paged(async (token) => {
      const answer = await ec2.describeVolumes({ ...own, ...token }, { abortSignal });
      const found = (answer.Volumes ?? []).map((one) => ({
        kind: 'volume' as const,
        id: one.VolumeId ?? '',
        state: one.State ?? '',
        tags: toTags(one.Tags),
        origins: [],
        ...createdAt(one.CreateTime),
        ...(one.VolumeType !== undefined && { type: one.VolumeType }),
        ...(one.AvailabilityZone !== undefined && { zone: one.AvailabilityZone }),
        ...(one.Size !== undefined && { sizeGiB: one.Size }),
      }));
      return { items: named(found), next: answer.NextToken };
    });
  };

  const snapshots = async (abortSignal: AbortSignal): Promise<Belonging[]> => {
    const ec2 = await aws.client();
    return paged(async (token) => {
      const answer = await ec2.describeSnapshots({ OwnerIds: ['self'], ...own, ...token }, { abortSignal });
      const found = (answer.Snapshots ?? []).map((one) => ({
        kind: 'snapshot' as const,
        id: one.SnapshotId ?? '',
        state: one.State ?? '',
        tags: toTags(one.Tags),
        origins: one.VolumeId === undefined ? [] : [one.VolumeId],
        ...createdAt(one.StartTime),
        ...(one.VolumeSize !== undefined && { sizeGiB: one.VolumeSize }),
      }));
      return { items: named(found), next: answer.NextToken };
    });
  };

  return {
    machines: (signal) =>
      sorted('looking for machines of this installation', async () =>
        (await Promise.all([instances(signal), fleets(signal)])).flat(),
      ),
    storage: (signal) =>
      sorted('looking for volumes and snapshots of this installation', async () =>
        (await Promise.all([volumes(signal), snapshots(signal)])).flat(),
      ),
    spotPrices: (wanted, abortSignal) =>
      sorted('asking for spot prices', async () => {
        const ec2 = await aws.client();
        const all = await paged(async (token) => {
          const answer = await ec2.describeSpotPriceHistory(
            {
              InstanceTypes: [...new Set(wanted.map((one) => one.type as 'g5.xlarge'))],
              ProductDescriptions: ['Linux/UNIX'],
              // Of a span of no length EC2 tells the prices that hold in it.
              StartTime: new Date(now()),
              ...token,
            },
            { abortSignal },
          );
          return { items: answer.SpotPriceHistory ?? [], next: answer.NextToken };
        });
        const oldestFirst = all.toSorted(
          (one, other) => (one.Timestamp?.getTime() ?? 0) - (other.Timestamp?.getTime() ?? 0),
        );
        return new Map(
          oldestFirst.map((one) => [spotPool(one.InstanceType, one.AvailabilityZone), Number(one.SpotPrice)]),
        );
      }),
    tagVolume: cloud.tagVolume,
    async remove({ kind, id }) {
      // What it has launched may be unknown: it ends with its instances, or is tried again.
      if (kind === 'fleet') return cloud.cancelFleet(id, { mayLeaveInstances: false });
      if (kind === 'instance') return cloud.terminateInstance(id);
      await sorted(`deleting ${id}`, async () => {
        const ec2 = await aws.client();
        const deletion =
          kind === 'volume' ? ec2.deleteVolume({ VolumeId: id }) : ec2.deleteSnapshot({ SnapshotId: id });
        await deletion.catch((error: unknown) => {
          if (!/^Invalid(Volume|Snapshot)\.NotFound$/.test(awsCodeOf(error))) throw error;
        });
      });
    },
  };
}

function toBelonging(one: AwsInstance): Belonging {
  const tags = toTags(one.Tags);
  const fleet = tags[fleetTag];
  const root = one.BlockDeviceMappings?.find((each) => each.DeviceName === one.RootDeviceName)?.Ebs;
  return {
    kind: 'instance',
    id: one.InstanceId ?? '',
    state: one.State?.Name ?? '',
    tags,
    origins: fleet === undefined ? [] : [fleet],
    ...createdAt(one.LaunchTime),
    ...(one.InstanceType !== undefined && { type: one.InstanceType }),
    ...(one.Placement?.AvailabilityZone !== undefined && { zone: one.Placement.AvailabilityZone }),
    ...(root?.DeleteOnTermination === false &&
      root.VolumeId !== undefined && { outlivingRoot: root.VolumeId }),
  };
}

function createdAt(time: Date | undefined): { createdAt?: number } {
  return time === undefined ? {} : { createdAt: time.getTime() };
}
