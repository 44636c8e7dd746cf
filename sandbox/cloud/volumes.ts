// The life of volumes: states, delays, and what happens on disk. Refusals are the API's part,
// except those that depend on the state, which are here beside it.
import { Ec2Error } from '../api/error.ts';
import { type Cloud, delayMs, newResource } from './cloud.ts';
import type { Attachment, Instance, Volume, VolumeShape } from './model.ts';

// Dollars per GiB and hour, about what AWS asks in Europe.
const volumeRate = 0.0952 / 730;
const attachmentLimit = 28;

/** What a new volume is to be. */
export type VolumeWish = {
  zone: string;
  sizeGiB: number;
  type: string;
  iops?: number | undefined;
  throughput?: number | undefined;
  encrypted?: boolean;
  snapshotId?: string | undefined;
  tags: Iterable<[string, string]>;
  formatted?: boolean;
  /** Given only for volumes of the world file. */
  volumeId?: string;
};

/** Makes a volume in state `creating`; it becomes `available` after its delay. */
export function createVolume(cloud: Cloud, wish: VolumeWish): Volume {
  const volumeId = wish.volumeId ?? `vol-${cloud.ids.hex(17)}`;
  const volume: Volume = {
    ...newResource(cloud, wish.tags),
    volumeId,
    zone: wish.zone,
    sizeGiB: wish.sizeGiB,
    type: wish.type,
    iops: wish.iops ?? (wish.type === 'gp3' ? 3000 : undefined),
    throughput: wish.throughput ?? (wish.type === 'gp3' ? 125 : undefined),
    encrypted: wish.encrypted ?? false,
    snapshotId: wish.snapshotId,
    createdAtMs: cloud.schedule.now(),
    state: 'creating',
    attachment: undefined,
    modification: undefined,
    tornFrom: [],
    drawnMs: {},
  };
  cloud.region.volumes.set(volumeId, volume);
  openBill(cloud, volume);
  const made = wish.snapshotId
    ? cloud.disks.copy(wish.snapshotId, volumeId, wish.sizeGiB)
    : cloud.disks.create(volumeId, wish.sizeGiB, wish.formatted ?? false);
  made.catch((error: unknown) => cloud.log('volume not made', { volumeId, error: String(error) }));
  cloud.schedule.after(delayMs(cloud, 'createVolume'), async () => {
    await made;
    if (volume.state === 'creating') volume.state = 'available';
  });
  return volume;
}

/** Starts attaching. Throws AWS's refusals. */
export function attachVolume(cloud: Cloud, volume: Volume, instance: Instance, device: string): Attachment {
  if (volume.attachment) {
    throw new Ec2Error('VolumeInUse', `${volume.volumeId} is already attached to an instance`);
  }
  if (volume.state !== 'available') {
    throw new Ec2Error('IncorrectState', `Volume '${volume.volumeId}' is in the '${volume.state}' state.`);
  }
  if (instance.state === 'pending') {
    throw new Ec2Error('IncorrectState', `Instance '${instance.instanceId}' is not 'running'.`);
  }
  if (instance.state !== 'running') {
    throw new Ec2Error(
      'IncorrectInstanceState',
      `Instance '${instance.instanceId}' is in the '${instance.state}' state.`,
    );
  }
  if (volume.zone !== instance.zone) {
    throw new Ec2Error(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volume.volumeId}' is not in the same availability zone as instance '${instance.instanceId}'`,
    );
  }
  if (!/^\/dev\/(sd|xvd)[b-z]$|^\/dev\/sd[f-p][1-6]$|^\/dev\/xvd[b-d][a-z]$/.test(device)) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${device}) for parameter device is invalid. ${device} is not a valid EBS device name.`,
    );
  }
  const attached = volumesOf(cloud, instance);
  // A Xen kernel has one name for /dev/sdf and /dev/xvdf.
  const nameOf = (given: string) => (instance.nitro ? given : given.replace('/dev/sd', '/dev/xvd'));
  if (attached.some((other) => other.attachment && nameOf(other.attachment.device) === nameOf(device))) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
    );
  }
  if (attached.length >= attachmentLimit) {
    throw new Ec2Error(
      'AttachmentLimitExceeded',
      `Instance '${instance.instanceId}' has ${attached.length} volumes; the limit is ${attachmentLimit}`,
    );
  }
  return beginAttachment(cloud, volume, instance, device, false, false);
}

/** Attaches without the checks: what a launch does with its own new volumes. */
export function beginAttachment(
  cloud: Cloud,
  volume: Volume,
  instance: Instance,
  device: string,
  deleteOnTermination: boolean,
  root: boolean,
): Attachment {
  const attachment: Attachment = {
    instanceId: instance.instanceId,
    device,
    state: 'attaching',
    attachedAtMs: cloud.schedule.now(),
    deleteOnTermination,
    root,
  };
  volume.attachment = attachment;
  volume.state = 'in-use';
  if (root) attachment.state = 'attached';
  else {
    volume.drawnMs.attach = delayMs(cloud, 'attach', volume.volumeId);
    cloud.schedule.after(volume.drawnMs.attach, async () => {
      if (volume.attachment !== attachment || attachment.state !== 'attaching') return;
      await cloud.hosts.plug(instance, volume.volumeId, device, volume.sizeGiB);
      attachment.state = 'attached';
    });
  }
  return attachment;
}

/** Starts detaching; a mounted volume stays `busy` until it is unmounted, or at once gone with `force`. */
export function detachVolume(cloud: Cloud, volume: Volume, force: boolean): Attachment {
  const attachment = volume.attachment;
  if (!attachment) {
    throw new Ec2Error('IncorrectState', `Volume '${volume.volumeId}' is in the '${volume.state}' state.`);
  }
  const instance = cloud.region.instances.get(attachment.instanceId);
  if (attachment.root && instance?.state !== 'terminated') {
    throw new Ec2Error(
      'OperationNotPermitted',
      `Unable to detach root volume '${volume.volumeId}' from instance '${attachment.instanceId}'`,
    );
  }
  if (attachment.state === 'attaching') {
    throw new Ec2Error('IncorrectState', `Volume '${volume.volumeId}' is still attaching.`);
  }
  const again = attachment.state === 'detaching' || attachment.state === 'busy';
  if (!again) attachment.state = 'detaching';
  if (!again || force) {
    volume.drawnMs.detach = delayMs(cloud, 'detach', volume.volumeId);
    cloud.schedule.after(volume.drawnMs.detach, () => finishDetaching(cloud, volume, attachment, force));
  }
  return attachment;
}

async function finishDetaching(
  cloud: Cloud,
  volume: Volume,
  attachment: Attachment,
  force: boolean,
): Promise<void> {
  if (volume.attachment !== attachment) return;
  const { instanceId } = attachment;
  if (cloud.hosts.mountPoints(instanceId, volume.volumeId).length > 0) {
    if (!force) {
      attachment.state = 'busy';
      cloud.schedule.after(100, () => finishDetaching(cloud, volume, attachment, false));
      return;
    }
    volume.tornFrom.push(instanceId);
    await cloud.hosts.unmountLazily(instanceId, volume.volumeId);
  }
  await cloud.hosts.unplug(instanceId, volume.volumeId);
  release(volume, attachment);
}

function release(volume: Volume, attachment: Attachment): void {
  if (volume.attachment !== attachment) return;
  volume.attachment = undefined;
  if (volume.state === 'in-use') volume.state = 'available';
}

/** What happens to the volumes of an instance that has ended: they are deleted, or detach by themselves. */
export function releaseVolumesOf(cloud: Cloud, instance: Instance, mounted: readonly string[]): void {
  for (const volume of volumesOf(cloud, instance)) {
    const attachment = volume.attachment;
    if (!attachment) continue;
    if (mounted.includes(volume.volumeId)) volume.tornFrom.push(instance.instanceId);
    attachment.state = 'detaching';
    volume.drawnMs.detach = delayMs(cloud, 'detach', volume.volumeId);
    cloud.schedule.after(volume.drawnMs.detach, () => {
      if (volume.attachment !== attachment) return;
      release(volume, attachment);
      if (attachment.deleteOnTermination) deleteVolume(cloud, volume);
    });
  }
}

/** Deletes a volume. Throws VolumeInUse while it is attached. */
export function deleteVolume(cloud: Cloud, volume: Volume): void {
  if (volume.attachment) {
    throw new Ec2Error(
      'VolumeInUse',
      `Volume ${volume.volumeId} is currently attached to ${volume.attachment.instanceId}`,
    );
  }
  if (volume.state !== 'available') {
    throw new Ec2Error('IncorrectState', `Volume '${volume.volumeId}' is in the '${volume.state}' state.`);
  }
  volume.state = 'deleting';
  cloud.ledger.close(volume.volumeId);
  cloud.schedule.after(delayMs(cloud, 'createVolume'), async () => {
    cloud.region.volumes.delete(volume.volumeId);
    await cloud.disks.remove(volume.volumeId);
  });
}

/** Grows a volume or changes its type. Throws AWS's refusals. */
export function modifyVolume(cloud: Cloud, volume: Volume, target: VolumeShape): void {
  const { sizeGiB } = target;
  const last = volume.modification;
  if (last && (last.state !== 'completed' || cloud.schedule.now() - last.startedAtMs < 6 * 3_600_000)) {
    throw new Ec2Error(
      'VolumeModificationRateExceeded',
      `Volume ${volume.volumeId} was modified less than 6 hours ago.`,
    );
  }
  if (sizeGiB < volume.sizeGiB) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `New size cannot be smaller than existing size (${volume.sizeGiB} GiB)`,
    );
  }
  const modification: NonNullable<Volume['modification']> = {
    state: 'modifying',
    original: {
      type: volume.type,
      sizeGiB: volume.sizeGiB,
      iops: volume.iops,
      throughput: volume.throughput,
    },
    target,
    startedAtMs: cloud.schedule.now(),
    endedAtMs: undefined,
  };
  volume.modification = modification;
  cloud.schedule.after(delayMs(cloud, 'modifyVolume'), async () => {
    await cloud.disks.grow(volume.volumeId, sizeGiB);
    Object.assign(volume, target);
    modification.state = 'optimizing';
    openBill(cloud, volume);
    cloud.schedule.after(delayMs(cloud, 'modifyVolume'), () => {
      modification.state = 'completed';
      modification.endedAtMs = cloud.schedule.now();
    });
  });
}

/** Volumes attached to the instance, its root first. */
export function volumesOf(cloud: Cloud, instance: Instance): Volume[] {
  return [...cloud.region.volumes.values()]
    .filter((volume) => volume.attachment?.instanceId === instance.instanceId)
    .toSorted((left, right) => Number(right.attachment?.root) - Number(left.attachment?.root));
}

function openBill(cloud: Cloud, volume: Volume): void {
  cloud.ledger.open(
    volume.volumeId,
    'volume',
    `${volume.type} ${volume.zone}`,
    volumeRate * volume.sizeGiB,
    volume.sizeGiB,
  );
}
