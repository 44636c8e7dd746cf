// Whether there is room for the instance in the network: the zone is in the Region, and has a subnet that gives it a
// public address.
import type { Subnet } from './client-ec2.ts';
import type { Check, Finding } from './finding.ts';

const zonePath = ['spot_instance', 'availability_zone'] as const;
const subnetPath = ['spot_instance', 'subnet_id'] as const;

export const checkZone: Check = {
  about: ({ spot_instance: wanted }) => `zone ${wanted.availability_zone}`,
  path: zonePath,
  isEssential: false,
  async run({ specification: { spot_instance: wanted }, ec2, options }) {
    const { availability_zone: zone } = wanted;
    const answer = await ec2.describeAvailabilityZones({}, options);
    const zones = (answer.AvailabilityZones ?? []).map((one) => one.ZoneName ?? '');
    if (zones.length === 0 || zones.includes(zone)) return [];
    const region = answer.AvailabilityZones?.[0]?.RegionName ?? 'this Region';
    return [
      {
        level: 'refusal',
        path: zonePath,
        kind: 'zone',
        message: `${zone} is no zone of ${region} that this account may use`,
        hint: `it has ${zones.join(', ')}; or start portald with another Region`,
      },
    ];
  },
};

export const checkSubnet: Check = {
  about: ({ spot_instance: wanted }) => `subnet ${wanted.subnet_id ?? `of ${wanted.availability_zone}`}`,
  path: subnetPath,
  isEssential: true,
  async run({ specification: { spot_instance: wanted }, ec2, options }) {
    const { subnet_id: id, availability_zone: zone } = wanted;
    if (id !== undefined) {
      const answer = await ec2.describeSubnets({ SubnetIds: [id] }, options);
      const [subnet] = answer.Subnets ?? [];
      return subnet === undefined ? [] : [judgeSubnet(subnet, id, zone)];
    }
    const Filters = [
      { Name: 'availability-zone', Values: [zone] },
      { Name: 'default-for-az', Values: ['true'] },
    ];
    const answer = await ec2.describeSubnets({ Filters }, options);
    const [subnet] = answer.Subnets ?? [];
    if (subnet !== undefined) return [judgeSubnet(subnet, subnet.SubnetId ?? '', zone)];
    return [
      {
        level: 'refusal',
        path: zonePath,
        kind: 'zone',
        message: `${zone} has no default subnet`,
        hint: `name a subnet of that zone in subnet_id, or make the default one: aws ec2 create-default-subnet --availability-zone ${zone}`,
      },
    ];
  },
};

function judgeSubnet(subnet: Subnet, id: string, zone: string): Finding {
  const about = { path: subnetPath, kind: 'zone' as const };
  if (subnet.AvailabilityZone !== undefined && subnet.AvailabilityZone !== zone) {
    return {
      ...about,
      level: 'refusal',
      message: `subnet ${id} is in ${subnet.AvailabilityZone}, not in ${zone}`,
      hint: 'name a subnet of that zone, or leave subnet_id out to use the default one',
    };
  }
  if (subnet.MapPublicIpOnLaunch !== false)
    return { ...about, level: 'fine', message: `${id} is in ${zone} and gives a public address` };
  return {
    level: 'problem',
    path: subnetPath,
    kind: 'no-public-address',
    message: `subnet ${id} gives instances no public address, so that nobody can reach one from here`,
    hint: 'turn on "auto-assign public IPv4 address" of the subnet, or name another in subnet_id',
  };
}
