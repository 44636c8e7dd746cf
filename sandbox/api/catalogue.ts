// The describe actions on what the world file gives: region, zones, subnets, images, keys, groups, types, prices.
import type { Action } from './call.ts';
import { describe } from './describe.ts';
import { Ec2Error, lookUp } from './error.ts';
import { flagAt, textsAt } from './form.ts';
import { describeSpotPriceHistory } from './price-history.ts';

const vpcId = 'vpc-0123456789abcdef0';
const zoneId = (zone: string) => `sbx1-az${zone.charCodeAt(zone.length - 1) - 96}`;

const refuseUnknown = (code: string, words: string) => (id: string) => {
  throw new Ec2Error(code, `The ${words} '${id}' does not exist`);
};

export const catalogueActions: Record<string, Action> = {
  DescribeRegions: describe({
    set: 'regionInfo',
    parameters: ['AllRegions'],
    items: (call) => [call.cloud.region.world.region],
    ids: {
      parameter: 'RegionName',
      of: (region) => region,
      refuse: refuseUnknown('InvalidParameterValue', 'region'),
    },
    filters: {
      'region-name': (region) => region,
      endpoint: (region) => `ec2.${region}.amazonaws.com`,
      'opt-in-status': () => 'opt-in-not-required',
    },
    render: (regionName) => ({
      regionName,
      regionEndpoint: `ec2.${regionName}.amazonaws.com`,
      optInStatus: 'opt-in-not-required',
    }),
  }),
  DescribeAvailabilityZones: describe({
    set: 'availabilityZoneInfo',
    parameters: ['AllAvailabilityZones'],
    items: (call) => call.cloud.region.world.zones,
    ids: {
      parameter: 'ZoneName',
      of: (zone) => zone,
      refuse: refuseUnknown('InvalidParameterValue', 'availability zone'),
    },
    filters: {
      'zone-name': (zone) => zone,
      'zone-id': zoneId,
      'zone-type': () => 'availability-zone',
      state: () => 'available',
      'region-name': (_, cloud) => cloud.region.world.region,
      'opt-in-status': () => 'opt-in-not-required',
    },
    render: (zone, call) => ({
      zoneName: zone,
      zoneId: zoneId(zone),
      zoneState: 'available',
      zoneType: 'availability-zone',
      regionName: call.cloud.region.world.region,
      optInStatus: 'opt-in-not-required',
    }),
  }),
  DescribeSubnets: describe({
    set: 'subnetSet',
    smallestPage: 5,
    items: (call) => call.cloud.region.world.subnets,
    ids: {
      parameter: 'SubnetId',
      of: (subnet) => subnet.subnetId,
      refuse: (id) => lookUp('subnet', new Map(), id, 0),
    },
    filters: {
      'subnet-id': (subnet) => subnet.subnetId,
      'availability-zone': (subnet) => subnet.zone,
      'availability-zone-id': (subnet) => zoneId(subnet.zone),
      'vpc-id': () => vpcId,
      'default-for-az': (subnet) => String(subnet.defaultForZone),
      'map-public-ip-on-launch': (subnet) => String(subnet.mapPublicIp),
      state: () => 'available',
    },
    render: (subnet, call) => ({
      subnetId: subnet.subnetId,
      state: 'available',
      vpcId,
      cidrBlock: '172.31.0.0/20',
      availableIpAddressCount: 4091,
      availabilityZone: subnet.zone,
      availabilityZoneId: zoneId(subnet.zone),
      defaultForAz: subnet.defaultForZone,
      mapPublicIpOnLaunch: subnet.mapPublicIp,
      ownerId: call.account,
      tagSet: [],
    }),
  }),
  DescribeImages: describe({
    set: 'imagesSet',
    smallestPage: 1,
    parameters: ['Owner.n', 'ExecutableBy.n', 'IncludeDeprecated', 'IncludeDisabled'],
    items: (call) => {
      const owners = textsAt(call.form, 'Owner');
      const named = textsAt(call.form, 'ImageId').length > 0;
      return call.cloud.region.world.images.filter(({ owner = call.account, deprecated = '' }) => {
        const isOwn = owner === call.account;
        // Of deprecated ones only the owner is told, and who knows the id.
        const isTold = named || isOwn || !(Date.parse(deprecated) <= call.nowMs);
        return (
          isTold && (owners.length === 0 || owners.includes(owner) || (isOwn && owners.includes('self')))
        );
      });
    },
    ids: {
      parameter: 'ImageId',
      of: (image) => image.imageId,
      refuse: (id) => lookUp('image', new Map(), id, 0),
    },
    filters: {
      'image-id': (image) => image.imageId,
      name: (image) => image.name,
      description: (image) => image.description,
      architecture: (image) => image.architecture,
      state: () => 'available',
      'root-device-type': () => 'ebs',
      'virtualization-type': () => 'hvm',
      'is-public': () => 'true',
    },
    render: (image, call) => ({
      imageId: image.imageId,
      imageLocation: `amazon/${image.name}`,
      imageState: 'available',
      imageOwnerId: image.owner === 'amazon' ? '591542846629' : (image.owner ?? call.account),
      imageOwnerAlias: image.owner === 'amazon' ? image.owner : undefined,
      creationDate: image.created,
      deprecationTime: image.deprecated,
      isPublic: true,
      architecture: image.architecture,
      imageType: 'machine',
      platform: image.platform,
      name: image.name,
      description: image.description,
      rootDeviceType: 'ebs',
      rootDeviceName: image.rootDeviceName,
      blockDeviceMapping: [
        {
          deviceName: image.rootDeviceName,
          ebs: {
            deleteOnTermination: image.rootDeleteOnTermination,
            volumeSize: image.rootSizeGiB,
            volumeType: 'gp3',
          },
        },
      ],
      virtualizationType: 'hvm',
      hypervisor: 'xen',
      enaSupport: true,
    }),
  }),
  DescribeKeyPairs: describe({
    set: 'keySet',
    parameters: ['IncludePublicKey', 'KeyPairId.n'],
    items: (call) => {
      const wanted = textsAt(call.form, 'KeyPairId');
      const keys = [...call.cloud.region.keyPairs.values()];
      for (const id of wanted)
        if (!keys.some((key) => key.keyPairId === id))
          throw new Ec2Error('InvalidKeyPair.NotFound', `The key pair ID '${id}' does not exist`);
      return wanted.length === 0 ? keys : keys.filter((key) => wanted.includes(key.keyPairId));
    },
    ids: {
      parameter: 'KeyName',
      of: (key) => key.name,
      refuse: refuseUnknown('InvalidKeyPair.NotFound', 'key pair'),
    },
    filters: { 'key-name': (key) => key.name, 'key-pair-id': (key) => key.keyPairId },
    render: (key, call) => ({
      keyPairId: key.keyPairId,
      keyName: key.name,
      keyType: key.publicLine.startsWith('ssh-rsa') ? 'rsa' : 'ed25519',
      keyFingerprint: key.keyPairId.replace('key-', ''),
      publicKey: flagAt(call.form, 'IncludePublicKey') ? key.publicLine : undefined,
      tagSet: [],
    }),
  }),
  DescribeSecurityGroups: describe({
    set: 'securityGroupInfo',
    smallestPage: 5,
    parameters: ['GroupName.n'],
    items: (call) => {
      const wanted = textsAt(call.form, 'GroupName');
      const groups = call.cloud.region.world.securityGroups;
      for (const name of wanted)
        if (!groups.some((group) => group.name === name))
          throw new Ec2Error(
            'InvalidGroup.NotFound',
            `The security group '${name}' does not exist in default VPC '${vpcId}'`,
          );
      return wanted.length === 0 ? groups : groups.filter((group) => wanted.includes(group.name));
    },
    ids: {
      parameter: 'GroupId',
      of: (group) => group.groupId,
      refuse: (id) => lookUp('securityGroup', new Map(), id, 0),
    },
    filters: {
      'group-id': (group) => group.groupId,
      'group-name': (group) => group.name,
      'vpc-id': () => vpcId,
    },
    render: (group, call) => ({
      groupId: group.groupId,
      groupName: group.name,
      groupDescription: group.name,
      vpcId,
      ownerId: call.account,
      ipPermissions: group.ingress.map(({ cidr, fromPort, toPort }) => ({
        ipProtocol: 'tcp',
        fromPort,
        toPort,
        ipRanges: [{ cidrIp: cidr }],
      })),
      ipPermissionsEgress: [{ ipProtocol: '-1', ipRanges: [{ cidrIp: '0.0.0.0/0' }] }],
      tagSet: [],
    }),
  }),
  DescribeInstanceTypes: describe({
    set: 'instanceTypeSet',
    smallestPage: 5,
    largestPage: 100,
    items: (call) => call.cloud.region.world.instanceTypes,
    ids: {
      parameter: 'InstanceType',
      of: (type) => type.instanceType,
      refuse: (id) => {
        throw new Ec2Error(
          'InvalidInstanceType',
          `The following supplied instance types do not exist: [${id}]`,
        );
      },
    },
    filters: {
      'instance-type': (type) => type.instanceType,
      hypervisor: (type) => (type.nitro ? 'nitro' : 'xen'),
      'processor-info.supported-architecture': (type) => type.architecture,
      'supported-usage-class': () => ['on-demand', 'spot'],
      'vcpu-info.default-vcpus': (type) => String(type.vCpus),
    },
    render: (type) => ({
      instanceType: type.instanceType,
      currentGeneration: true,
      supportedUsageClasses: ['on-demand', 'spot'],
      supportedRootDeviceTypes: ['ebs'],
      hypervisor: type.nitro ? 'nitro' : 'xen',
      processorInfo: { supportedArchitectures: [type.architecture] },
      vCpuInfo: { defaultVCpus: type.vCpus },
      memoryInfo: { sizeInMiB: type.memoryMiB },
      ebsInfo: {
        ebsOptimizedSupport: type.nitro ? 'default' : 'supported',
        nvmeSupport: type.nitro ? 'required' : 'unsupported',
      },
      gpuInfo:
        type.gpus > 0 ? { gpus: [{ name: 'V100', manufacturer: 'NVIDIA', count: type.gpus }] } : undefined,
    }),
  }),
  DescribeSpotPriceHistory: describeSpotPriceHistory,
};
