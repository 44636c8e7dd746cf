// What the account has that a specification can name. Read-only; what may not be looked at is left out.
import type { Offers } from '../../protocol/offers.ts';
import type { Aws, Image } from './aws.ts';
import { sortAwsError } from './aws-errors.ts';
import { paged, toTags } from './describe.ts';

/** For instances of `instanceType`. Rejects with PortalError `not-found` for an unknown type, or when EC2 cannot be asked. */
export type LookAtOffers = (instanceType: string, signal: AbortSignal) => Promise<Offers>;

/** Of Amazon's images, and of the account's own. */
const mostImages = 8;

export function createOffers(aws: Aws, now: () => number): LookAtOffers {
  return async (instanceType, signal) => {
    const ec2 = await aws.client();
    const options = { abortSignal: signal };
    const ask = async <T>(what: string, call: () => Promise<T>, otherwise: T): Promise<T> => {
      try {
        return await call();
      } catch (error) {
        signal.throwIfAborted();
        const sorted = sortAwsError(error, `looking at ${what}`);
        if (sorted.kind === 'permission') return otherwise;
        throw sorted;
      }
    };
    const architectures = await ask('the instance type', async () => {
      const answer = await ec2.describeInstanceTypes(
        { InstanceTypes: [instanceType as 'g5.xlarge'] },
        options,
      );
      return answer.InstanceTypes?.[0]?.ProcessorInfo?.SupportedArchitectures ?? [];
    }, []);

    const zones = ask(
      'the zones',
      async () => (await ec2.describeAvailabilityZones({}, options)).AvailabilityZones ?? [],
      [],
    );
    const prices = ask(
      'the spot prices',
      () =>
        paged(async (token) => {
          const answer = await ec2.describeSpotPriceHistory(
            {
              InstanceTypes: [instanceType as 'g5.xlarge'],
              ProductDescriptions: ['Linux/UNIX'],
              StartTime: new Date(now()),
              ...token,
            },
            options,
          );
          return { items: answer.SpotPriceHistory ?? [], next: answer.NextToken };
        }),
      [],
    );
    const keyPairs = ask(
      'the key pairs',
      async () => (await ec2.describeKeyPairs({}, options)).KeyPairs ?? [],
      [],
    );
    const groups = ask(
      'the security groups',
      () =>
        paged(async (token) => {
          const answer = await ec2.describeSecurityGroups({ ...token }, options);
          return { items: answer.SecurityGroups ?? [], next: answer.NextToken };
        }),
      [],
    );
    const subnets = ask(
      'the subnets',
      () =>
        paged(async (token) => {
          const answer = await ec2.describeSubnets({ ...token }, options);
          return { items: answer.Subnets ?? [], next: answer.NextToken };
        }),
      [],
    );
    const volumes = ask(
      'the volumes',
      () =>
        paged(async (token) => {
          const Filters = [{ Name: 'status', Values: ['available'] }];
          const answer = await ec2.describeVolumes({ Filters, ...token }, options);
          return { items: answer.Volumes ?? [], next: answer.NextToken };
        }),
      [],
    );
    const imagesOf = (owner: string, names: readonly string[]): Promise<Image[]> =>
      ask(
        'the images',
        () =>
          paged(async (token) => {
            const Filters = [
              { Name: 'state', Values: ['available'] },
              ...(names.length === 0 ? [] : [{ Name: 'name', Values: [...names] }]),
              ...(architectures.length === 0 ? [] : [{ Name: 'architecture', Values: [...architectures] }]),
            ];
            const answer = await ec2.describeImages({ Owners: [owner], Filters, ...token }, options);
            return { items: answer.Images ?? [], next: answer.NextToken };
          }),
        [],
      );
    const images = Promise.all([imagesOf('amazon', ['Deep Learning*']), imagesOf('self', [])]);

    const [zonesFound, pricesFound, keys, groupsFound, subnetsFound, volumesFound, imagesFound, identity] =
      await Promise.all([zones, prices, keyPairs, groups, subnets, volumes, images, aws.identity()]);
    const seen = new Set<string>();
    return {
      ...(identity.account !== undefined && { account: identity.account }),
      ...(identity.region !== undefined && { region: identity.region }),
      zones: zonesFound
        .map(({ ZoneName: name = '' }) => {
          const price = pricesFound.find((one) => one.AvailabilityZone === name)?.SpotPrice;
          return { name, ...(price !== undefined && { dollarsPerHour: Number(price) }) };
        })
        .toSorted(
          (one, other) =>
            (one.dollarsPerHour ?? Infinity) - (other.dollarsPerHour ?? Infinity) ||
            one.name.localeCompare(other.name),
        ),
      keyPairs: keys.map((one) => one.KeyName ?? '').toSorted(),
      securityGroups: groupsFound.map((one) => ({ id: one.GroupId ?? '', name: one.GroupName ?? '' })),
      subnets: subnetsFound.map((one) => ({
        id: one.SubnetId ?? '',
        zone: one.AvailabilityZone ?? '',
        isDefault: one.DefaultForAz === true,
        givesPublicAddress: one.MapPublicIpOnLaunch !== false,
      })),
      volumes: volumesFound.map((one) => ({
        id: one.VolumeId ?? '',
        name: toTags(one.Tags)['Name'] ?? '',
        sizeGiB: one.Size ?? 0,
        zone: one.AvailabilityZone ?? '',
      })),
      images: imagesFound
        .flatMap((some) => newestFirst(some).slice(0, mostImages))
        .filter(({ ImageId: id = '' }) => !seen.has(id) && seen.add(id))
        .map((one) => ({ id: one.ImageId ?? '', name: one.Name ?? '', createdAt: one.CreationDate ?? '' })),
    };
  };
}

function newestFirst(images: readonly Image[]): Image[] {
  return images.toSorted((one, other) => (other.CreationDate ?? '').localeCompare(one.CreationDate ?? ''));
}
