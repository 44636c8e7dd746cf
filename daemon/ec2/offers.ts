// What the account has that a specification can name. Read-only; what may not be looked at is left out.
import type { Offers } from '../../protocol/offers.ts';
import type { Aws } from './aws.ts';
import { sortAwsError } from './aws-errors.ts';
import type { Image } from './client-ec2.ts';
import { paged, toTags } from './describe.ts';

/** For instances of `instanceType`. Rejects with PortalError for an unknown type, or when EC2 cannot be asked. */
export type LookAtOffers = (instanceType: string, signal: AbortSignal) => Promise<Offers>;

/** Of Amazon's images, and of the account's own. */
const mostImages = 8;

export function createOffers(aws: Aws, now: () => number): LookAtOffers {
  return async (instanceType, abortSignal) => {
    const ec2 = await aws.client();
    const options = { abortSignal };
    /** The items of all pages; none of what may not be looked at. */
    const all = async <T>(what: string, page: Parameters<typeof paged<T>>[0]): Promise<T[]> => {
      try {
        return await paged(page);
      } catch (error) {
        abortSignal.throwIfAborted();
        const sorted = sortAwsError(error, `looking at ${what}`);
        if (sorted.kind === 'permission') return [];
        throw sorted;
      }
    };
    const type = instanceType as 'g5.xlarge';
    const types = await all('the instance type', async () => {
      const answer = await ec2.describeInstanceTypes({ InstanceTypes: [type] }, options);
      return { items: answer.InstanceTypes ?? [], next: undefined };
    });
    const architectures: readonly string[] = types[0]?.ProcessorInfo?.SupportedArchitectures ?? [];
    const imagesOf = (owner: string, names: readonly string[]): Promise<Image[]> =>
      all('the images', async (token) => {
        const Filters = [
          { Name: 'state', Values: ['available'] },
          ...(names.length === 0 ? [] : [{ Name: 'name', Values: [...names] }]),
          ...(architectures.length === 0 ? [] : [{ Name: 'architecture', Values: [...architectures] }]),
        ];
        const answer = await ec2.describeImages({ Owners: [owner], Filters, ...token }, options);
        return { items: answer.Images ?? [], next: answer.NextToken };
      });

    const [identity, zones, prices, keys, groups, subnets, volumes, amazons, own] = await Promise.all([
      aws.identity(),
      all('the zones', async () => {
        const answer = await ec2.describeAvailabilityZones({}, options);
        return { items: answer.AvailabilityZones ?? [], next: undefined };
      }),
      all('the spot prices', async (token) => {
        // Of a span of no length EC2 tells the prices that hold in it.
        const asked = {
          InstanceTypes: [type],
          ProductDescriptions: ['Linux/UNIX'],
          StartTime: new Date(now()),
        };
        const answer = await ec2.describeSpotPriceHistory({ ...asked, ...token }, options);
        return { items: answer.SpotPriceHistory ?? [], next: answer.NextToken };
      }),
      all('the key pairs', async () => {
        const answer = await ec2.describeKeyPairs({}, options);
        return { items: answer.KeyPairs ?? [], next: undefined };
      }),
      all('the security groups', async (token) => {
        const answer = await ec2.describeSecurityGroups({ ...token }, options);
        return { items: answer.SecurityGroups ?? [], next: answer.NextToken };
      }),
      all('the subnets', async (token) => {
        const answer = await ec2.describeSubnets({ ...token }, options);
        return { items: answer.Subnets ?? [], next: answer.NextToken };
      }),
      all('the volumes', async (token) => {
        const Filters = [{ Name: 'status', Values: ['available'] }];
        const answer = await ec2.describeVolumes({ Filters, ...token }, options);
        return { items: answer.Volumes ?? [], next: answer.NextToken };
      }),
      imagesOf('amazon', ['Deep Learning*']),
      imagesOf('self', []),
    ]);
    const seen = new Set<string>();
    return {
      ...(identity.account !== undefined && { account: identity.account }),
      ...(identity.region !== undefined && { region: identity.region }),
      zones: zones
        .map(({ ZoneName: name = '' }) => {
          const price = prices.find((one) => one.AvailabilityZone === name)?.SpotPrice;
          return { name, ...(price !== undefined && { dollarsPerHour: Number(price) }) };
        })
        .toSorted(byPrice),
      keyPairs: keys.map((one) => one.KeyName ?? '').toSorted(),
      securityGroups: groups.map((one) => ({ id: one.GroupId ?? '', name: one.GroupName ?? '' })),
      subnets: subnets.map((one) => ({
        id: one.SubnetId ?? '',
        zone: one.AvailabilityZone ?? '',
        isDefault: one.DefaultForAz === true,
        givesPublicAddress: one.MapPublicIpOnLaunch !== false,
      })),
      volumes: volumes.map((one) => ({
        id: one.VolumeId ?? '',
        name: toTags(one.Tags)['Name'] ?? '',
        sizeGiB: one.Size ?? 0,
        zone: one.AvailabilityZone ?? '',
      })),
      images: [amazons, own]
        .flatMap((some) => some.toSorted(newerFirst).slice(0, mostImages))
        .filter(({ ImageId: id = '' }) => !seen.has(id) && seen.add(id))
        .map((one) => ({ id: one.ImageId ?? '', name: one.Name ?? '', createdAt: one.CreationDate ?? '' })),
    };
  };
}

type Zone = Offers['zones'][number];

function byPrice(one: Zone, other: Zone): number {
  const difference = (one.dollarsPerHour ?? Infinity) - (other.dollarsPerHour ?? Infinity);
  return difference || one.name.localeCompare(other.name);
}

function newerFirst(one: Image, other: Image): number {
  return (other.CreationDate ?? '').localeCompare(one.CreationDate ?? '');
}
