// The life of a spot fleet: it looks for capacity until it has launched what it should, records its history,
// and follows its instances to their end.
import { type Cloud, delayMs } from './cloud.ts';
import { endInstance, endings, isAlive, launchInstance, setStatus } from './instances.ts';
import { freeIn, instanceTypeOf, priceIn } from './market.ts';
import type { Fleet, Instance, LaunchSpecification } from './model.ts';

type Pool = {
  specification: LaunchSpecification;
  subnetId: string;
  zone: string;
  free: number;
  price: number;
};

/** Starts the fleet's life: submitted, then active and looking for capacity. */
export function startFleet(cloud: Cloud, fleet: Fleet): void {
  cloud.region.fleets.set(fleet.fleetId, fleet);
  record(cloud, fleet, 'fleetRequestChange', 'submitted', '');
  cloud.schedule.after(delayMs(cloud, 'fleetFulfil'), () => {
    if (fleet.state !== 'submitted') return;
    fleet.state = 'active';
    record(cloud, fleet, 'fleetRequestChange', 'active', '');
    fulfil(cloud, fleet);
  });
  if (fleet.validUntilMs === undefined) return;
  cloud.schedule.after(Math.min(fleet.validUntilMs - cloud.schedule.now(), 2 ** 31 - 1), () => {
    if (isCancellable(fleet)) cancelFleet(cloud, fleet, fleet.terminateOnExpiration);
  });
}

/** Whether the fleet can still be cancelled. */
export const isCancellable = (fleet: Fleet) => ['submitted', 'active', 'modifying'].includes(fleet.state);

/** Instances of the fleet that are alive. */
export function instancesOf(cloud: Cloud, fleet: Fleet): Instance[] {
  return [...cloud.region.instances.values()].filter(
    (instance) => instance.fleetId === fleet.fleetId && isAlive(instance),
  );
}

/** Launches what is missing, if it can be had; else records why not and tries again later. */
function fulfil(cloud: Cloud, fleet: Fleet): void {
  if (fleet.state !== 'active') return;
  const missing = () =>
    fleet.targetCapacity - (fleet.type === 'maintain' ? instancesOf(cloud, fleet).length : fleet.launched);
  while (missing() > 0) {
    const choice = choose(cloud, fleet);
    if ('subType' in choice) {
      const events = [...(fleet.activity === 'error' ? [] : [choice]), ...choice.more];
      for (const { subType, description } of events)
        record(cloud, fleet, informing.has(subType) ? 'information' : 'error', subType, description);
      fleet.activity = 'error';
      cloud.schedule.after(delayMs(cloud, 'fleetRetry'), () => fulfil(cloud, fleet));
      return;
    }
    const instance = launchInstance(cloud, fleet, choice.specification, choice.subnetId, choice.zone);
    fleet.launched += 1;
    const { instanceType, imageId } = choice.specification;
    record(
      cloud,
      fleet,
      'instanceChange',
      'launched',
      `${instanceType}, ${imageId}, Linux/UNIX, ${choice.zone}`,
      instance.instanceId,
    );
  }
  fleet.activity = 'fulfilled';
}

/** EC2 tells these as information, not as errors (EventInformation in EC2's API reference). */
const informing = new Set(['launchSpecTemporarilyBlacklisted', 'launchSpecUnusable', 'fleetProgressHalted']);

type Refusal = { subType: string; description: string; more: { subType: string; description: string }[] };

function choose(cloud: Cloud, fleet: Fleet): Pool | Refusal {
  const { region } = cloud;
  const { world } = region;
  const refuse = (subType: string, description: string, more: Refusal['more'] = []) => ({
    subType,
    description,
    more,
  });
  if (!world.fleetRoles.includes(fleet.role)) {
    return refuse(
      'iamFleetRoleInvalid',
      `The IAM fleet role ${fleet.role} does not exist or does not trust spotfleet.amazonaws.com.`,
    );
  }
  const pools: Pool[] = [];
  for (const specification of fleet.specifications) {
    const fault = faultOf(cloud, specification);
    if (fault) return refuse('spotFleetRequestConfigurationInvalid', fault);
    for (const subnet of subnetsFor(cloud, specification)) {
      const price = priceIn(region, specification.instanceType, subnet.zone);
      if (price === undefined) continue;
      const free = freeIn(region, specification.instanceType, subnet.zone);
      pools.push({ specification, subnetId: subnet.subnetId, zone: subnet.zone, free, price });
    }
  }
  const affordable = pools.filter(
    (pool) => pool.price <= (pool.specification.maximumPrice ?? Number.POSITIVE_INFINITY),
  );
  if (pools.length > 0 && affordable.length === 0) {
    return refuse(
      'launchSpecUnusable',
      'The maximum price is below the Spot price of every launch specification.',
    );
  }
  const usedVCpus = [...region.instances.values()]
    .filter(isAlive)
    .reduce(
      (sum, instance) => sum + (instanceTypeOf(world, instance.specification.instanceType)?.vCpus ?? 0),
      0,
    );
  const allowed = affordable.filter((pool) => {
    const vCpus = instanceTypeOf(world, pool.specification.instanceType)?.vCpus ?? 0;
    return usedVCpus + vCpus <= world.quota.spotVCpus;
  });
  if (affordable.length > 0 && allowed.length === 0) {
    return refuse('spotInstanceCountLimitExceeded', 'Max spot instance count exceeded');
  }
  const available = allowed.filter((pool) => pool.free >= 1);
  if (available.length === 0) {
    const all =
      'Several attempts to launch instances have failed. All launch specifications are temporarily blacklisted.';
    const [first, ...others] = fleet.specifications;
    const more =
      fleet.activity === 'error'
        ? []
        : others.map((other) => ({
            subType: 'launchSpecTemporarilyBlacklisted',
            description: noCapacityFor(other),
          }));
    if (fleet.activity !== 'error')
      more.push({ subType: 'allLaunchSpecsTemporarilyBlacklisted', description: all });
    return refuse('launchSpecTemporarilyBlacklisted', first ? noCapacityFor(first) : all, more);
  }
  const byPrice = (left: Pool, right: Pool) => left.price - right.price;
  const byCapacity = (left: Pool, right: Pool) => (left.free === right.free ? 0 : right.free - left.free);
  const order = /capacity/i.test(fleet.strategy) ? [byCapacity, byPrice] : [byPrice, byCapacity];
  available.sort((left, right) => order[0]?.(left, right) || order[1]?.(left, right) || 0);
  return available[0] ?? refuse('allLaunchSpecsTemporarilyBlacklisted', '');
}

const noCapacityFor = (specification: LaunchSpecification) =>
  `${specification.instanceType}, ${specification.imageId}, Linux/UNIX, ${specification.zone ?? 'any zone'}: there is no Spot capacity available that matches your request.`;

/** Subnets that a launch specification can go to: its own, or the default ones of its zone, or of any. */
function subnetsFor(cloud: Cloud, specification: LaunchSpecification) {
  return cloud.region.world.subnets.filter((subnet) =>
    specification.subnetId
      ? subnet.subnetId === specification.subnetId
      : subnet.defaultForZone && (specification.zone === undefined || subnet.zone === specification.zone),
  );
}

/** What is wrong with a launch specification in this region, with AWS's code, as the fleet's history says it. */
function faultOf(cloud: Cloud, specification: LaunchSpecification): string | undefined {
  const { world, keyPairs } = cloud.region;
  const image = world.images.find((known) => known.imageId === specification.imageId);
  const type = instanceTypeOf(world, specification.instanceType);
  const subnet = world.subnets.find((known) => known.subnetId === specification.subnetId);
  const group = specification.groupIds.find(
    (id) => !world.securityGroups.some((known) => known.groupId === id),
  );
  if (!image) return `InvalidAMIID.NotFound: The image id '[${specification.imageId}]' does not exist`;
  if (!type) return `InvalidParameterValue: Invalid value '${specification.instanceType}' for InstanceType.`;
  if (type.architecture !== image.architecture) {
    return `InvalidParameterValue: The architecture '${type.architecture}' of the instance type does not match the architecture '${image.architecture}' of the AMI`;
  }
  if (specification.keyName !== undefined && !keyPairs.has(specification.keyName)) {
    return `InvalidKeyPair.NotFound: The key pair '${specification.keyName}' does not exist`;
  }
  if (group !== undefined) return `InvalidGroup.NotFound: The security group '${group}' does not exist`;
  if (specification.subnetId !== undefined && !subnet) {
    return `InvalidSubnetID.NotFound: The subnet ID '${specification.subnetId}' does not exist`;
  }
  if (specification.zone !== undefined && !world.zones.includes(specification.zone)) {
    return `InvalidParameterValue: Invalid availability zone: [${specification.zone}]`;
  }
  if (subnet && specification.zone !== undefined && subnet.zone !== specification.zone) {
    return `InvalidParameterCombination: Subnet ${subnet.subnetId} is not in Availability Zone ${specification.zone}`;
  }
  return undefined;
}

/** Cancels a fleet, with or without its instances. */
export function cancelFleet(cloud: Cloud, fleet: Fleet, terminate: boolean): void {
  const alive = instancesOf(cloud, fleet);
  fleet.state = alive.length === 0 ? 'cancelled' : terminate ? 'cancelled_terminating' : 'cancelled_running';
  fleet.activity = alive.length > 0 && terminate ? 'pending_termination' : fleet.activity;
  record(cloud, fleet, 'fleetRequestChange', fleet.state, '');
  for (const instance of alive) {
    const request = cloud.region.spotRequests.get(instance.spotRequestId);
    if (request) {
      request.state = 'cancelled';
      setStatus(
        request,
        'request-canceled-and-instance-running',
        'The request was canceled; the instance is running.',
        cloud.schedule.now(),
      );
    }
  }
  // Not waited for: the API answers at once, and the instances follow.
  if (terminate) {
    for (const instance of alive) {
      endInstance(cloud, instance, endings.byFleet).catch((error: unknown) =>
        cloud.log('termination failed', { error: String(error) }),
      );
    }
  }
}

/** Changes the target of a `maintain` fleet. */
export function resizeFleet(
  cloud: Cloud,
  fleet: Fleet,
  targetCapacity: number,
  terminateExcess: boolean,
): void {
  fleet.targetCapacity = targetCapacity;
  fleet.state = 'modifying';
  record(cloud, fleet, 'fleetRequestChange', 'modify_in_progress', '');
  cloud.schedule.after(delayMs(cloud, 'fleetFulfil'), async () => {
    if (fleet.state !== 'modifying') return;
    fleet.state = 'active';
    record(cloud, fleet, 'fleetRequestChange', 'modify_succeeded', '');
    const excess = terminateExcess ? instancesOf(cloud, fleet).slice(targetCapacity) : [];
    for (const instance of excess) await endInstance(cloud, instance, endings.byFleet);
    fulfil(cloud, fleet);
  });
}

/** Follows an instance that is gone: a cancelled fleet may be over, one that maintains replaces it. */
export function followInstance(cloud: Cloud, fleet: Fleet, instance: Instance): void {
  record(cloud, fleet, 'instanceChange', 'terminated', instance.stateReason?.code ?? '', instance.instanceId);
  const cancelled = fleet.state === 'cancelled_running' || fleet.state === 'cancelled_terminating';
  if (cancelled && instancesOf(cloud, fleet).length === 0) {
    fleet.state = 'cancelled';
    fleet.activity = undefined;
    record(cloud, fleet, 'fleetRequestChange', 'cancelled', '');
  }
  if (fleet.type === 'maintain' && fleet.state === 'active') {
    fleet.activity = 'pending_fulfillment';
    cloud.schedule.after(delayMs(cloud, 'fleetFulfil'), () => fulfil(cloud, fleet));
  }
}

function record(
  cloud: Cloud,
  fleet: Fleet,
  type: string,
  subType: string,
  description: string,
  instanceId?: string,
): void {
  const atMs = cloud.schedule.now();
  fleet.events.push({
    type,
    subType,
    description,
    instanceId,
    atMs,
    visibleAtMs: atMs + delayMs(cloud, 'historyLag'),
  });
}
