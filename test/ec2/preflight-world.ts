// A Region in which a specification can be wrong in many ways.

const volumes = [
  { volumeId: 'vol-0123456789abcdef0', zone: 'eu-central-1a', sizeGiB: 8 },
  { volumeId: 'vol-0fedcba9876543210', zone: 'eu-central-1b', sizeGiB: 8 },
];
const subnet = { mapPublicIp: true, defaultForZone: true };
export const preflightWorld = {
  volumes,
  subnets: [
    { ...subnet, subnetId: 'subnet-00000000000000001', zone: 'eu-central-1a' },
    { ...subnet, subnetId: 'subnet-00000000000000002', zone: 'eu-central-1b' },
    { ...subnet, subnetId: 'subnet-00000000000000003', zone: 'eu-central-1a', mapPublicIp: false },
  ],
  securityGroups: [
    { groupId: 'sg-0123456789abcdef0' },
    { groupId: 'sg-00000000000000001', ingress: [] },
    {
      groupId: 'sg-00000000000000002',
      ingress: [{ cidr: '203.0.113.0/24', fromPort: 0, toPort: 65_535 }],
    },
    {
      groupId: 'sg-00000000000000003',
      ingress: [{ cidr: '198.51.100.0/24', fromPort: 0, toPort: 65_535 }],
    },
    { groupId: 'sg-00000000000000004', ingress: [{ cidr: '0.0.0.0/0', fromPort: 1, toPort: 2 }] },
  ],
  images: [
    { imageId: 'ami-0123456789abcdef0' },
    { imageId: 'ami-0fedcba9876543210', name: 'Windows_Server-2025', platform: 'windows' },
  ],
  instanceTypes: [
    { instanceType: 'm5.large', spotPrice: { 'eu-central-1a': 0.05 } },
    { instanceType: 'c5.large', spotPrice: { 'eu-central-1b': 0.04 } },
    { instanceType: 'm7g.large', architecture: 'arm64' },
  ],
};
