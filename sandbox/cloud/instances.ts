// The life of an instance: launch, boot, cloud-init, interruption, death.
import { sentenceOf } from '../log.ts';
import { type Cloud, delayMs, newResource } from './cloud.ts';
import { freeIn, instanceTypeOf, priceIn, setFree } from './market.ts';
import { metadataOf } from './metadata.ts';
import type { Fleet, Instance, LaunchSpecification, SpotRequest } from './model.ts';
import { beginAttachment, createVolume, releaseVolumesOf } from './volumes.ts';

/** Why an instance ends, in AWS's words. */
export type Ending = { code: string; message: string; requestStatus: string };

export const endings = {
  byUser: {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    requestStatus: 'instance-terminated-by-user',
  },
  byFleet: {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
    requestStatus: 'instance-terminated-by-user',
  },
  byInterruption: {
    code: 'Server.SpotInstanceTermination',
    message: 'Server.SpotInstanceTermination: Spot instance termination',
    requestStatus: 'instance-terminated-no-capacity',
  },
  byItself: {
    code: 'Client.InstanceInitiatedShutdown',
    message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
    requestStatus: 'instance-terminated-by-user',
  },
  byFailure: {
    code: 'Server.InternalError',
    message: 'Server.InternalError: Internal error on launch',
    requestStatus: 'instance-terminated-launch-failure',
  },
} satisfies Record<string, Ending>;

/** Whether the instance still takes capacity. */
export const isAlive = (instance: Instance) => instance.state === 'pending' || instance.state === 'running';

/** Launches an instance of a fleet into a subnet; capacity has been checked. */
export function launchInstance(
  cloud: Cloud,
  fleet: Fleet,
  specification: LaunchSpecification,
  subnetId: string,
  zone: string,
): Instance {
  const { region, schedule, ids } = cloud;
  const now = schedule.now();
  const part = (modulus: number, offset: number) => offset + (Number.parseInt(ids.hex(4), 16) % modulus);
  const [high, middle, low] = [part(200, 16), part(256, 0), part(253, 1)];
  const subnet = region.world.subnets.find((known) => known.subnetId === subnetId);
  const publicAddress = specification.associatePublicIp ?? subnet?.mapPublicIp ?? false;
  const spotRequestId = `sir-${ids.hex(8)}`;
  const instance: Instance = {
    ...newResource(cloud, [['aws:ec2spot:fleet-request-id', fleet.fleetId], ...specification.tags]),
    instanceId: `i-${ids.hex(17)}`,
    reservationId: `r-${ids.hex(17)}`,
    fleetId: fleet.fleetId,
    spotRequestId,
    specification,
    zone,
    subnetId,
    address: `172.31.${middle}.${low}`,
    publicAddress: publicAddress ? `127.${high}.${middle}.${low}` : undefined,
    nitro: instanceTypeOf(region.world, specification.instanceType)?.nitro ?? true,
    launchedAtMs: now,
    state: 'pending',
    stateReason: undefined,
    interruption: undefined,
    rebalanceAtMs: undefined,
    consoleAtMs: undefined,
    cloudInitAtMs: undefined,
    endedAtMs: undefined,
  };
  region.instances.set(instance.instanceId, instance);
  region.spotRequests.set(spotRequestId, {
    ...newResource(cloud, [['aws:ec2spot:fleet-request-id', fleet.fleetId]]),
    spotRequestId,
    fleetId: fleet.fleetId,
    instanceId: instance.instanceId,
    specification,
    zone,
    createdAtMs: now,
    state: 'active',
    status: { code: 'fulfilled', message: 'Your Spot request is fulfilled.', atMs: now },
  });
  setFree(region, specification.instanceType, zone, freeIn(region, specification.instanceType, zone) - 1);
  bootInstance(cloud, instance).catch((error: unknown) => {
    cloud.log('instance did not boot', { instanceId: instance.instanceId, error: sentenceOf(error) });
    return endInstance(cloud, instance, endings.byFailure);
  });
  return instance;
}

async function bootInstance(cloud: Cloud, instance: Instance): Promise<void> {
  const { region, schedule, hosts } = cloud;
  const { instanceType: type } = instance.specification;
  const image = region.world.images.find((known) => known.imageId === instance.specification.imageId);
  const rootDevice = image?.rootDeviceName ?? '/dev/sda1';
  const mapping = instance.specification.blockDevices.find((device) => device.device === rootDevice);
  const root = createVolume(cloud, {
    zone: instance.zone,
    sizeGiB: mapping?.sizeGiB ?? image?.rootSizeGiB ?? 8,
    type: mapping?.type ?? 'gp3',
    tags: [],
  });
  const deleteRoot = mapping?.deleteOnTermination ?? image?.rootDeleteOnTermination ?? true;
  beginAttachment(cloud, root, instance, rootDevice, deleteRoot, true);
  const running = new Promise<void>((resolve) =>
    schedule.after(delayMs(cloud, 'pendingToRunning', type), resolve),
  );
  const { ended } = await hosts.boot(instance, root.volumeId, root.sizeGiB, metadataOf(cloud, instance));
  void ended.then(async () => {
    // Not when it ends, or is stopped, in another way.
    if (isAlive(instance)) await endInstance(cloud, instance, endings.byItself);
  });
  await running;
  if (instance.state !== 'pending') {
    await hosts.end(instance.instanceId); // it was terminated while it booted
    return;
  }
  if (instance.publicAddress)
    await hosts.listen(instance.instanceId, instance.publicAddress, () => keyOnInstance(cloud, instance));
  instance.state = 'running';
  const price = priceIn(region, instance.specification.instanceType, instance.zone) ?? 0;
  cloud.ledger.open(
    instance.instanceId,
    'instance',
    `${instance.specification.instanceType} ${instance.zone}`,
    price,
  );
  const failing = region.shortLived.get(instance.specification.instanceType);
  if (failing !== undefined && failing.count > 0) {
    failing.count -= 1;
    return endInstance(cloud, instance, endingBy(failing.code));
  }
  const now = schedule.now();
  const cloudInitMs = delayMs(cloud, 'cloudInit', type);
  instance.cloudInitAtMs = now + cloudInitMs;
  instance.consoleAtMs = now + cloudInitMs + delayMs(cloud, 'consoleOutput');
  for (const device of instance.specification.blockDevices.filter((other) => other.device !== rootDevice)) {
    const snapshot = device.snapshotId === undefined ? undefined : region.snapshots.get(device.snapshotId);
    const volume = createVolume(cloud, {
      zone: instance.zone,
      sizeGiB: device.sizeGiB ?? snapshot?.sizeGiB ?? 8,
      type: device.type ?? 'gp3',
      snapshotId: snapshot?.snapshotId,
      tags: [],
    });
    beginAttachment(cloud, volume, instance, device.device, device.deleteOnTermination ?? true, false);
  }
  schedule.after(cloudInitMs, () => {
    if (instance.specification.userData.startsWith('#!'))
      hosts.run(instance.instanceId, instance.specification.userData);
  });
}

/** The user's public key, once cloud-init has put it on the instance. */
function keyOnInstance(cloud: Cloud, instance: Instance): string | undefined {
  if (instance.cloudInitAtMs === undefined || cloud.schedule.now() < instance.cloudInitAtMs) return undefined;
  const name = instance.specification.keyName;
  return name === undefined ? undefined : cloud.region.keyPairs.get(name)?.publicLine;
}

/** An ending of any other reason. */
export const endingBy = (code: string): Ending => ({
  code,
  message: `${code}: ${code === 'Client.InternalError' ? 'Client error on launch' : 'as the test wants it'}`,
  requestStatus: 'instance-terminated-launch-failure',
});

/** Stops a running instance, as its owner may in the console: it costs nothing more, and keeps its volumes. */
export async function stopInstance(cloud: Cloud, instance: Instance): Promise<void> {
  if (instance.state !== 'running') return;
  instance.state = 'stopping';
  const { byUser } = endings;
  instance.stateReason = { code: byUser.code, message: byUser.message };
  cloud.ledger.close(instance.instanceId);
  const mounted = await cloud.hosts.end(instance.instanceId);
  for (const volumeId of mounted) cloud.region.volumes.get(volumeId)?.tornFrom.push(instance.instanceId);
  cloud.schedule.after(delayMs(cloud, 'terminate'), () => {
    if (instance.state === 'stopping') instance.state = 'stopped';
  });
}

/** Ends an instance: its machine dies now, the state follows with its delay. Nothing happens the second time. */
export async function endInstance(cloud: Cloud, instance: Instance, ending: Ending): Promise<void> {
  const isStopped = instance.state === 'stopping' || instance.state === 'stopped';
  if (!isAlive(instance) && !isStopped) return;
  const { region, schedule } = cloud;
  instance.state = 'shutting-down';
  instance.stateReason = { code: ending.code, message: ending.message };
  if (!isStopped) cloud.ledger.close(instance.instanceId);
  const type = instance.specification.instanceType;
  // What is taken by an interruption does not come back to the pool, whoever ends it first.
  if (ending !== endings.byInterruption && !instance.interruption)
    setFree(region, type, instance.zone, freeIn(region, type, instance.zone) + 1);
  const request = region.spotRequests.get(instance.spotRequestId);
  if (request) {
    request.state = request.state === 'cancelled' ? 'cancelled' : 'closed';
    setStatus(request, ending.requestStatus, ending.message, schedule.now());
  }
  const mounted = isStopped ? [] : await cloud.hosts.end(instance.instanceId);
  schedule.after(delayMs(cloud, 'terminate'), () => {
    instance.state = 'terminated';
    instance.endedAtMs = schedule.now();
    releaseVolumesOf(cloud, instance, mounted);
    const fleet = region.fleets.get(instance.fleetId);
    if (fleet) cloud.instanceEnded(fleet, instance);
    schedule.after(delayMs(cloud, 'terminatedVisible'), () => {
      region.instances.delete(instance.instanceId);
    });
  });
}

/** Issues the interruption notice: metadata and spot request show it at once, death comes after `noticeMs`. */
export function issueNotice(cloud: Cloud, instance: Instance, noticeMs: number, action: string): void {
  const now = cloud.schedule.now();
  instance.interruption = { action, atMs: now + noticeMs };
  const request = cloud.region.spotRequests.get(instance.spotRequestId);
  if (request) {
    setStatus(
      request,
      'instance-terminated-no-capacity',
      'Your Spot instance was marked for termination: no capacity.',
      now,
    );
  }
  cloud.schedule.after(noticeMs, () => endInstance(cloud, instance, endings.byInterruption));
}

/** Sets the status of a spot request. */
export function setStatus(request: SpotRequest, code: string, message: string, atMs: number): void {
  request.status = { code, message, atMs };
}
