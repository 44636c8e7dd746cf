// Whether the image is there and runs on the instance types, and what these cost in the zone just now.
import { hourlyText } from '../../protocol/dollars.ts';
import type { Image, InstanceTypeInfo } from './client-ec2.ts';
import { paged } from './describe.ts';
import type { Check, CheckContext, Finding } from './finding.ts';

const imagePath = ['spot_instance', 'image_id'] as const;
const typePath = ['spot_instance', 'instance_type'] as const;

export const checkImage: Check = {
  about: ({ spot_instance: wanted }) => `image ${wanted.image_id}`,
  path: imagePath,
  isEssential: true,
  async run({ specification: { spot_instance: wanted }, ...context }) {
    const image = await context.image();
    const about = { path: imagePath, kind: 'not-found' as const };
    if (image === undefined) {
      return [
        {
          ...about,
          level: 'refusal',
          message: `image ${wanted.image_id} is not in this Region`,
          hint: 'image ids differ from Region to Region; look the image up in the one you use',
        },
      ];
    }
    if (image.State !== undefined && image.State !== 'available') {
      return [
        {
          ...about,
          level: 'refusal',
          message: `image ${wanted.image_id} cannot be launched: its state is ${image.State}`,
          hint: 'name another image',
        },
      ];
    }
    // EC2 tells it of Windows only.
    if (image.Platform !== undefined) {
      return [
        {
          ...about,
          kind: 'configuration',
          level: 'refusal',
          message: `image ${wanted.image_id} is one of ${image.Platform}: ${image.Name ?? 'it has no name'}`,
          hint: 'name an image of Linux',
        },
      ];
    }
    return [{ ...about, level: 'fine', message: `${wanted.image_id} is ${image.Name ?? 'there'}` }];
  },
};

/** The device of the image's root volume, if that volume would outlive its instance. */
export function outlivingRootDevice(image: Image | undefined): string | undefined {
  const root = image?.BlockDeviceMappings?.find((one) => one.DeviceName === image.RootDeviceName);
  return root?.Ebs?.DeleteOnTermination === false ? image?.RootDeviceName : undefined;
}

/** Every instance type that is named, with its place in the specification. */
export function typesOf({ specification: { spot_instance: wanted } }: Pick<CheckContext, 'specification'>) {
  const more = (wanted.instance_types ?? []).map((name, index) => ({
    name,
    path: ['spot_instance', 'instance_types', index] as const,
  }));
  return [{ name: wanted.instance_type, path: typePath }, ...more];
}

export const checkInstanceTypes: Check = {
  about: () => 'the instance types',
  path: typePath,
  isEssential: false,
  async run(context) {
    const { ec2, options } = context;
    const types = typesOf(context);
    // By filter: an unknown name would fail the call for all.
    const [known, image] = await Promise.all([
      paged(async (token) => {
        const Filters = [{ Name: 'instance-type', Values: types.map((one) => one.name) }];
        const answer = await ec2.describeInstanceTypes({ Filters, ...token }, options);
        return { items: answer.InstanceTypes ?? [], next: answer.NextToken };
      }),
      context.image().catch(() => undefined),
    ]);
    return types.flatMap(({ name, path }) => {
      const info = known.find((one) => one.InstanceType === name);
      return judgeType(name, info, image).map((finding) => ({ ...finding, path }));
    });
  },
};

function judgeType(
  name: string,
  info: InstanceTypeInfo | undefined,
  image: Image | undefined,
): Omit<Finding, 'path'>[] {
  if (info === undefined) {
    return [
      {
        level: 'refusal',
        kind: 'not-found',
        message: `there is no instance type ${name} in this Region`,
        hint: 'check its name, or take another type',
      },
    ];
  }
  const architectures: readonly string[] = info.ProcessorInfo?.SupportedArchitectures ?? [];
  const { Architecture: wanted } = image ?? {};
  if (wanted !== undefined && architectures.length > 0 && !architectures.includes(wanted)) {
    return [
      {
        level: 'refusal',
        kind: 'configuration',
        message: `${name} has ${architectures.join(' and ')} processors, and the image is made for ${wanted}`,
        hint: `take an image for ${architectures.join(' or ')}, or another instance type`,
      },
    ];
  }
  const usage: readonly string[] = info.SupportedUsageClasses ?? [];
  if (usage.length > 0 && !usage.includes('spot')) {
    return [
      {
        level: 'refusal',
        kind: 'configuration',
        message: `${name} is not rented at the spot price`,
        hint: 'take another instance type',
      },
    ];
  }
  return [];
}

export const checkPrices: Check = {
  about: () => 'the spot prices',
  path: typePath,
  isEssential: false,
  async run(context) {
    const { specification, ec2, options, now } = context;
    const zone = specification.spot_instance.availability_zone;
    const types = typesOf(context);
    const prices = await paged(async (token) => {
      const answer = await ec2.describeSpotPriceHistory(
        {
          InstanceTypes: types.map((one) => one.name as 'g5.xlarge'),
          ProductDescriptions: ['Linux/UNIX'],
          // Of a span of no length EC2 tells the prices that hold in it.
          StartTime: new Date(now()),
          ...token,
        },
        options,
      );
      return { items: answer.SpotPriceHistory ?? [], next: answer.NextToken };
    }).catch((error: unknown) => {
      // A type that there is not fails it for all, and is told by the check of the types.
      if (error instanceof Error && /invalid instance type/i.test(error.message)) return undefined;
      throw error;
    });
    if (prices === undefined) return [];
    return types.map(({ name, path }): Finding => {
      const own = prices.filter((one) => one.InstanceType === name);
      const here = own.find((one) => one.AvailabilityZone === zone);
      if (here !== undefined) {
        const message = `${name} costs ${hourlyText(Number(here.SpotPrice))} an hour in ${zone} just now`;
        return { level: 'fine', path, kind: 'price', message };
      }
      const zones = [...new Set(own.map((one) => one.AvailabilityZone ?? ''))].toSorted();
      return {
        level: 'problem',
        path,
        kind: 'capacity',
        message: `${name} has no spot price in ${zone}: it seems not to be offered there`,
        ...(zones.length > 0 && { hint: `it is offered in ${zones.join(', ')}` }),
      };
    });
  },
};
