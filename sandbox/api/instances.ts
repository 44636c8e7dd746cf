// The actions on instances and spot instance requests.
import { endInstance, endings, isAlive } from '../cloud/instances.ts';
import type { Instance, SpotRequest } from '../cloud/model.ts';
import { volumesOf } from '../cloud/volumes.ts';
import type { Action, Call } from './call.ts';
import { describe, type Filters, tagSet, visible } from './describe.ts';
import { Ec2Error, lookUp } from './error.ts';
import { flagAt, requiredText, textsAt } from './form.ts';
import type { Xml } from './xml.ts';

const stateCodes = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};
const stateXml = (state: Instance['state']) => ({ code: stateCodes[state], name: state });

const names = (region: string, instance: Instance) => ({
  privateDns: `ip-${instance.address.replaceAll('.', '-')}.${region}.compute.internal`,
  publicDns:
    instance.publicAddress &&
    `ec2-${instance.publicAddress.replaceAll('.', '-')}.${region}.compute.amazonaws.com`,
});

function groupSet(call: Call, ids: readonly string[]): Xml {
  return ids.map((groupId) => ({
    groupId,
    groupName: call.cloud.region.world.securityGroups.find((group) => group.groupId === groupId)?.name,
  }));
}

function instanceXml(instance: Instance, call: Call): Xml {
  const { world } = call.cloud.region;
  const image = world.images.find((known) => known.imageId === instance.specification.imageId);
  const alive = isAlive(instance);
  const { privateDns, publicDns } = names(world.region, instance);
  const known = alive && instance.state !== 'pending';
  return {
    instanceId: instance.instanceId,
    imageId: instance.specification.imageId,
    instanceState: stateXml(instance.state),
    privateDnsName: alive ? privateDns : '',
    dnsName: known ? (publicDns ?? '') : '',
    reason: instance.stateReason?.message ?? '',
    keyName: instance.specification.keyName,
    amiLaunchIndex: 0,
    instanceType: instance.specification.instanceType,
    launchTime: new Date(instance.launchedAtMs),
    placement: { availabilityZone: instance.zone, groupName: '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    subnetId: alive ? instance.subnetId : undefined,
    vpcId: alive ? 'vpc-0123456789abcdef0' : undefined,
    privateIpAddress: alive ? instance.address : undefined,
    ipAddress: known ? instance.publicAddress : undefined,
    groupSet: alive ? groupSet(call, instance.specification.groupIds) : [],
    stateReason: instance.stateReason,
    architecture: image?.architecture,
    rootDeviceType: 'ebs',
    rootDeviceName: image?.rootDeviceName,
    blockDeviceMapping: volumesOf(call.cloud, instance).map((volume) => ({
      deviceName: volume.attachment?.device,
      ebs: {
        volumeId: volume.volumeId,
        status: volume.attachment?.state,
        attachTime: volume.attachment && new Date(volume.attachment.attachedAtMs),
        deleteOnTermination: volume.attachment?.deleteOnTermination,
      },
    })),
    virtualizationType: 'hvm',
    instanceLifecycle: 'spot',
    spotInstanceRequestId: instance.spotRequestId,
    tagSet: tagSet(instance.tags),
    // EC2 says so of both kinds.
    hypervisor: 'xen',
    ebsOptimized: instance.specification.ebsOptimized,
    enaSupport: instance.nitro,
  };
}

const instanceFilters: Filters<Instance> = {
  'instance-id': (instance) => instance.instanceId,
  'instance-state-name': (instance) => instance.state,
  'instance-state-code': (instance) => String(stateCodes[instance.state]),
  'instance-type': (instance) => instance.specification.instanceType,
  'image-id': (instance) => instance.specification.imageId,
  'key-name': (instance) => instance.specification.keyName,
  'availability-zone': (instance) => instance.zone,
  'subnet-id': (instance) => instance.subnetId,
  'vpc-id': () => 'vpc-0123456789abcdef0',
  'instance-lifecycle': () => 'spot',
  'spot-instance-request-id': (instance) => instance.spotRequestId,
  'instance.group-id': (instance) => instance.specification.groupIds,
  'ip-address': (instance) => instance.publicAddress,
  'private-ip-address': (instance) => instance.address,
  'state-reason-code': (instance) => instance.stateReason?.code,
  'launch-time': (instance) => new Date(instance.launchedAtMs).toISOString(),
  'reservation-id': (instance) => instance.reservationId,
  'block-device-mapping.volume-id': (instance, cloud) =>
    volumesOf(cloud, instance).map((volume) => volume.volumeId),
};

const instanceIds = {
  parameter: 'InstanceId',
  of: (instance: Instance) => instance.instanceId,
  refuse: (id: string) => lookUp('instance', new Map(), id, 0),
};

function statusXml(instance: Instance): Xml {
  const passed = { status: 'ok', details: [{ name: 'reachability', status: 'passed' }] };
  const notYet = { status: 'initializing', details: [{ name: 'reachability', status: 'initializing' }] };
  const status = instance.state === 'running' ? passed : notYet;
  return {
    instanceId: instance.instanceId,
    availabilityZone: instance.zone,
    instanceState: stateXml(instance.state),
    systemStatus: status,
    instanceStatus: status,
    eventsSet: [],
  };
}

function spotRequestXml(request: SpotRequest, call: Call): Xml {
  const instance = call.cloud.region.instances.get(request.instanceId);
  const { specification } = request;
  return {
    spotInstanceRequestId: request.spotRequestId,
    spotPrice: String(specification.maximumPrice ?? 1),
    type: 'one-time',
    state: request.state,
    status: {
      code: request.status.code,
      updateTime: new Date(request.status.atMs),
      message: request.status.message,
    },
    launchSpecification: {
      imageId: specification.imageId,
      keyName: specification.keyName,
      groupSet: groupSet(call, specification.groupIds),
      instanceType: specification.instanceType,
      subnetId: instance?.subnetId,
      placement: { availabilityZone: request.zone },
      ebsOptimized: specification.ebsOptimized,
      monitoring: { enabled: false },
    },
    instanceId: request.instanceId,
    createTime: new Date(request.createdAtMs),
    productDescription: 'Linux/UNIX',
    launchedAvailabilityZone: request.zone,
    tagSet: tagSet(request.tags),
    instanceInterruptionBehavior: 'terminate',
  };
}

export const instanceActions: Record<string, Action> = {
  RunInstances: {
    changes: true,
    parameters: ['ClientToken', 'TagSpecification.*'],
    required: ['ImageId', 'InstanceType', 'MinCount', 'MaxCount'],
    handle: () => {
      throw new Ec2Error(
        'UnsupportedOperation',
        'The sandbox answers dry runs of it; it launches by spot fleets.',
      );
    },
  },
  DescribeInstances: describe({
    set: 'reservationSet',
    smallestPage: 5,
    items: (call) => visible(call.cloud.region.instances, call.nowMs),
    ids: instanceIds,
    tags: (instance) => instance.tags,
    filters: instanceFilters,
    render: (instance, call) => ({
      reservationId: instance.reservationId,
      ownerId: call.account,
      groupSet: [],
      instancesSet: [instanceXml(instance, call)],
    }),
  }),
  DescribeInstanceStatus: {
    ...describe({
      set: 'instanceStatusSet',
      smallestPage: 5,
      parameters: ['IncludeAllInstances'],
      items: (call) => {
        const all = flagAt(call.form, 'IncludeAllInstances') ?? false;
        return visible(call.cloud.region.instances, call.nowMs).filter(
          (instance) => all || instance.state === 'running',
        );
      },
      ids: {
        ...instanceIds,
        // An instance that is not running is left out, not refused.
        refuse: () => {},
      },
      filters: {
        'availability-zone': (instance) => instance.zone,
        'instance-state-name': (instance) => instance.state,
        'instance-state-code': (instance) => String(stateCodes[instance.state]),
      },
      render: statusXml,
    }),
  },
  DescribeSpotInstanceRequests: describe({
    set: 'spotInstanceRequestSet',
    smallestPage: 5,
    items: (call) => visible(call.cloud.region.spotRequests, call.nowMs),
    ids: {
      parameter: 'SpotInstanceRequestId',
      of: (request) => request.spotRequestId,
      refuse: (id) => lookUp('spotRequest', new Map(), id, 0),
    },
    tags: (request) => request.tags,
    filters: {
      'spot-instance-request-id': (request) => request.spotRequestId,
      'instance-id': (request) => request.instanceId,
      state: (request) => request.state,
      'status-code': (request) => request.status.code,
      type: () => 'one-time',
      'launch.image-id': (request) => request.specification.imageId,
      'launch.instance-type': (request) => request.specification.instanceType,
      'launch.key-name': (request) => request.specification.keyName,
      'launch.group-id': (request) => request.specification.groupIds,
      'launched-availability-zone': (request) => request.zone,
    },
    render: spotRequestXml,
  }),
  TerminateInstances: {
    changes: true,
    parameters: [],
    required: ['InstanceId.n'],
    handle: (call) => {
      const { cloud } = call;
      const instances = textsAt(call.form, 'InstanceId').map((id) =>
        lookUp('instance', cloud.region.instances, id, call.nowMs),
      );
      const changes = instances.map((instance) => {
        const previous = instance.state;
        endInstance(cloud, instance, endings.byUser).catch((error: unknown) =>
          cloud.log('termination failed', { error: String(error) }),
        );
        return {
          instanceId: instance.instanceId,
          currentState: stateXml(instance.state),
          previousState: stateXml(previous),
        };
      });
      return { instancesSet: changes };
    },
  },
  GetConsoleOutput: {
    changes: false,
    parameters: ['Latest'],
    required: ['InstanceId'],
    handle: (call) => {
      const instance = lookUp(
        'instance',
        call.cloud.region.instances,
        requiredText(call.form, 'InstanceId'),
        call.nowMs,
      );
      if (flagAt(call.form, 'Latest') && !instance.nitro) {
        throw new Ec2Error(
          'UnsupportedOperation',
          'Latest is only supported on instances built on the Nitro System.',
        );
      }
      const there = instance.consoleAtMs !== undefined && instance.consoleAtMs <= call.nowMs;
      const text = there ? call.cloud.hosts.consoleText(instance.instanceId) : '';
      return {
        instanceId: instance.instanceId,
        timestamp: new Date(call.nowMs),
        output: text === '' ? undefined : Buffer.from(text).toString('base64'),
      };
    },
  },
};
