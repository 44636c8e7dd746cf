// The actions on spot fleets.
import { newResource } from '../cloud/cloud.ts';
import { cancelFleet, instancesOf, isCancellable, resizeFleet, startFleet } from '../cloud/fleets.ts';
import type { Fleet } from '../cloud/model.ts';
import type { Action, Call } from './call.ts';
import { describe, pageOf, tagSet, visible } from './describe.ts';
import { Ec2Error, lookUp } from './error.ts';
import {
  type Form,
  flagAt,
  numberAt,
  requiredText,
  textAt,
  textsAt,
  timeAt,
  treeAt,
  treesAt,
} from './form.ts';
import { once, type TokenMemory } from './idempotency.ts';
import { invalidConfiguration, readLaunchSpecification, readPrice } from './launch-specification.ts';
import { readTagSpecifications } from './tags.ts';
import type { Xml } from './xml.ts';

const root = 'SpotFleetRequestConfig';
const top = (
  'IamFleetRole TargetCapacity AllocationStrategy ClientToken Type ValidFrom ValidUntil SpotPrice ' +
  'ExcessCapacityTerminationPolicy TerminateInstancesWithExpiration ReplaceUnhealthyInstances ' +
  'InstanceInterruptionBehavior TagSpecification.*'
).split(' ');
const each = (
  'ImageId InstanceType KeyName SubnetId EbsOptimized UserData SpotPrice WeightedCapacity ' +
  'GroupSet.n.GroupId GroupSet.n.GroupName Monitoring.Enabled Placement.AvailabilityZone ' +
  'Placement.Tenancy NetworkInterfaceSet.* BlockDeviceMapping.* TagSpecificationSet.* ' +
  'IamInstanceProfile.*'
).split(' ');
const strategies =
  'lowestPrice diversified capacityOptimized capacityOptimizedPrioritized priceCapacityOptimized'.split(' ');

function oneOf<T extends string>(value: string, words: readonly T[], parameter: string): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw invalidConfiguration(`Parameter: ${root}.${parameter} is invalid: ${value}`);
  return found;
}

function readFleet(call: Call): Fleet {
  const { cloud } = call;
  const { world } = cloud.region;
  if (process.platform !== 'linux') {
    throw new Ec2Error('UnsupportedOperation', "The sandbox's instances need Linux; this system has none.");
  }
  const form = treeAt(call.form, root);
  const role = requiredText(form, 'IamFleetRole');
  if (!/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(role)) {
    throw invalidConfiguration(`Parameter: ${root}.IamFleetRole is invalid: ${role}`);
  }
  const targetCapacity = numberAt(form, 'TargetCapacity');
  if (targetCapacity === undefined)
    throw new Ec2Error('MissingParameter', `The request must contain the parameter ${root}.TargetCapacity`);
  if (targetCapacity < 0 || targetCapacity > 10_000)
    throw invalidConfiguration(`Parameter: ${root}.TargetCapacity is invalid.`);
  const specifications = treesAt(form, 'LaunchSpecifications').map(readLaunchSpecification);
  if (specifications.length === 0)
    throw invalidConfiguration('LaunchSpecifications or LaunchTemplateConfigs must be specified.');
  const subnetZones = new Map(world.subnets.map((subnet) => [subnet.subnetId, subnet.zone]));
  const subnets = new Set(specifications.flatMap((specification) => specification.subnetId ?? []));
  const zones = [...subnets].map((subnetId) => subnetZones.get(subnetId) ?? subnetId);
  if (new Set(zones).size < zones.length)
    throw invalidConfiguration('The subnets of a request must be in different Availability Zones.');
  if (
    textAt(form, 'InstanceInterruptionBehavior') &&
    textAt(form, 'InstanceInterruptionBehavior') !== 'terminate'
  ) {
    throw invalidConfiguration('The sandbox only has the interruption behavior terminate.');
  }
  const validUntilMs = timeAt(form, 'ValidUntil');
  if (validUntilMs !== undefined && validUntilMs <= call.nowMs)
    throw invalidConfiguration('ValidUntil must be in the future.');
  const maximumPrice = readPrice(textAt(form, 'SpotPrice'));
  for (const specification of specifications) specification.maximumPrice ??= maximumPrice;
  const tags = readTagSpecifications(form, 'TagSpecification', 'spot-fleet-request');
  if (!world.passRole) {
    throw new Ec2Error(
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. User is not authorized to perform: iam:PassRole on resource: ${role}`,
      403,
    );
  }
  if (!world.serviceLinkedRoles) {
    throw new Ec2Error(
      'AuthFailure.ServiceLinkedRoleCreationNotPermitted',
      'The provided credentials do not have permission to create the service-linked role for EC2 Spot Instances.',
      403,
    );
  }
  const id = cloud.ids.hex(32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return {
    ...newResource(cloud, tags),
    fleetId: `sfr-${id}`,
    type: oneOf(textAt(form, 'Type') ?? 'maintain', ['request', 'maintain'], 'Type'),
    role,
    state: 'submitted',
    activity: 'pending_fulfillment',
    targetCapacity,
    strategy: oneOf(textAt(form, 'AllocationStrategy') ?? 'lowestPrice', strategies, 'AllocationStrategy'),
    specifications,
    createdAtMs: call.nowMs,
    validUntilMs,
    terminateOnExpiration: flagAt(form, 'TerminateInstancesWithExpiration') ?? false,
    launched: 0,
    events: [],
    configuration: form,
  };
}

/** The configuration as it was sent: parameter names become element names by a small first letter. */
function echo(value: string | Form): Xml {
  if (typeof value === 'string') return value;
  return Object.keys(value).every((key) => /^\d+$/.test(key))
    ? Object.values(value).map(echo)
    : echoTree(value);
}

function echoTree(form: Form): { [element: string]: Xml } {
  return Object.fromEntries(
    Object.entries(form)
      .filter(([key]) => key !== 'TagSpecification' && key !== 'SecurityGroupId') // lists with elements of other names
      .map(([key, entry]) => [key.charAt(0).toLowerCase() + key.slice(1), echo(entry)]),
  );
}

const fleetAt = (call: Call): Fleet =>
  lookUp('fleet', call.cloud.region.fleets, requiredText(call.form, 'SpotFleetRequestId'), call.nowMs);

function cancel(call: Call, fleetId: string, terminate: boolean) {
  const refuse = (code: string, message: string) => ({
    refused: { spotFleetRequestId: fleetId, error: { code, message } },
  });
  if (!/^sfr-[0-9a-f-]{36}$/.test(fleetId))
    return refuse('fleetRequestIdMalformed', `The fleet request ID '${fleetId}' is malformed.`);
  const fleet = call.cloud.region.fleets.get(fleetId);
  if (!fleet || fleet.visibleAtMs > call.nowMs) {
    return refuse('fleetRequestIdDoesNotExist', `The fleet request ID '${fleetId}' does not exist.`);
  }
  const previous = fleet.state;
  // A fleet that was cancelled with its instances left running can still be told to terminate them.
  if (!isCancellable(fleet) && !(terminate && previous === 'cancelled_running')) {
    return refuse('fleetRequestNotInCancellableState', `The fleet request is in state ${previous}.`);
  }
  cancelFleet(call.cloud, fleet, terminate);
  return {
    done: {
      spotFleetRequestId: fleetId,
      currentSpotFleetRequestState: fleet.state,
      previousSpotFleetRequestState: previous,
    },
  };
}

/** The actions; `tokens` remembers client tokens. */
export const fleetActions = (tokens: TokenMemory): Record<string, Action> => ({
  RequestSpotFleet: {
    changes: true,
    parameters: [
      ...top.map((name) => `${root}.${name}`),
      ...each.map((name) => `${root}.LaunchSpecifications.n.${name}`),
    ],
    handle: (call) =>
      once(tokens, 'RequestSpotFleet', textAt(treeAt(call.form, root), 'ClientToken'), call, () => {
        const fleet = readFleet(call);
        startFleet(call.cloud, fleet);
        return { spotFleetRequestId: fleet.fleetId };
      }),
  },
  DescribeSpotFleetRequests: describe({
    set: 'spotFleetRequestConfigSet',
    smallestPage: 1,
    items: (call) => visible(call.cloud.region.fleets, call.nowMs),
    ids: {
      parameter: 'SpotFleetRequestId',
      of: (fleet) => fleet.fleetId,
      refuse: (id) => lookUp('fleet', new Map(), id, 0),
    },
    render: (fleet, call) => ({
      spotFleetRequestId: fleet.fleetId,
      spotFleetRequestState: fleet.state,
      activityStatus: fleet.activity,
      createTime: new Date(fleet.createdAtMs),
      spotFleetRequestConfig: {
        ...echoTree(fleet.configuration),
        type: fleet.type,
        targetCapacity: fleet.targetCapacity,
        allocationStrategy: fleet.strategy,
        fulfilledCapacity: instancesOf(call.cloud, fleet).length,
        onDemandFulfilledCapacity: 0,
      },
      tagSet: tagSet(fleet.tags),
    }),
  }),
  DescribeSpotFleetInstances: {
    changes: false,
    parameters: ['MaxResults', 'NextToken'],
    required: ['SpotFleetRequestId'],
    handle: (call) => {
      const fleet = fleetAt(call);
      const instances = instancesOf(call.cloud, fleet).filter(
        (instance) => instance.visibleAtMs <= call.nowMs,
      );
      const { page, nextToken } = pageOf(instances, call.form);
      const activeInstanceSet = page.map((instance) => ({
        instanceId: instance.instanceId,
        instanceType: instance.specification.instanceType,
        spotInstanceRequestId: instance.spotRequestId,
        instanceHealth: 'healthy',
      }));
      return { spotFleetRequestId: fleet.fleetId, activeInstanceSet, nextToken };
    },
  },
  DescribeSpotFleetRequestHistory: {
    changes: false,
    parameters: ['EventType', 'MaxResults', 'NextToken'],
    required: ['SpotFleetRequestId', 'StartTime'],
    handle: (call) => {
      const fleet = fleetAt(call);
      const startMs = timeAt(call.form, 'StartTime') ?? 0;
      const type = textAt(call.form, 'EventType');
      const wanted = fleet.events.filter(
        (event) =>
          event.visibleAtMs <= call.nowMs &&
          event.atMs >= startMs &&
          (type === undefined || event.type === type),
      );
      const { page, nextToken } = pageOf(wanted, call.form);
      return {
        spotFleetRequestId: fleet.fleetId,
        startTime: new Date(startMs),
        lastEvaluatedTime: new Date(call.nowMs),
        historyRecordSet: page.map((event) => ({
          timestamp: new Date(event.atMs),
          eventType: event.type,
          eventInformation: {
            instanceId: event.instanceId,
            eventSubType: event.subType,
            eventDescription: event.description,
          },
        })),
        nextToken,
      };
    },
  },
  CancelSpotFleetRequests: {
    changes: true,
    parameters: [],
    required: ['SpotFleetRequestId.n', 'TerminateInstances'],
    handle: (call) => {
      const ids = textsAt(call.form, 'SpotFleetRequestId');
      if (ids.length > 100)
        throw new Ec2Error('InvalidParameterValue', 'At most 100 fleet requests can be cancelled in a call.');
      const results = ids.map((id) => cancel(call, id, flagAt(call.form, 'TerminateInstances') ?? false));
      return {
        successfulFleetRequestSet: results.flatMap((result) => ('done' in result ? [result.done] : [])),
        unsuccessfulFleetRequestSet: results.flatMap((result) =>
          'refused' in result ? [result.refused] : [],
        ),
      };
    },
  },
  ModifySpotFleetRequest: {
    changes: true,
    parameters: ['TargetCapacity', 'ExcessCapacityTerminationPolicy'],
    required: ['SpotFleetRequestId'],
    handle: (call) => {
      const fleet = fleetAt(call);
      if (fleet.type !== 'maintain')
        throw invalidConfiguration('Only a fleet of type maintain can be modified.');
      if (fleet.state !== 'active')
        throw new Ec2Error('fleetRequestNotModifiable', `The fleet request is in state ${fleet.state}.`);
      const target = numberAt(call.form, 'TargetCapacity') ?? fleet.targetCapacity;
      resizeFleet(
        call.cloud,
        fleet,
        target,
        textAt(call.form, 'ExcessCapacityTerminationPolicy') !== 'noTermination',
      );
      return { return: true };
    },
  },
});
