// The actions on volumes and snapshots.
import type { Attachment, Snapshot, Volume } from '../cloud/model.ts';
import { createSnapshot, deleteSnapshot } from '../cloud/snapshots.ts';
import { attachVolume, createVolume, deleteVolume, detachVolume, modifyVolume } from '../cloud/volumes.ts';
import type { Action, Call } from './call.ts';
import { describe, tagSet, visible } from './describe.ts';
import { Ec2Error, lookUp } from './error.ts';
import { flagAt, numberAt, requiredText, textAt } from './form.ts';
import { once, type TokenMemory } from './idempotency.ts';
import { readTagSpecifications } from './tags.ts';
import { checkedShape, kept } from './volume-type.ts';
import type { Xml } from './xml.ts';

const volumeAt = (call: Call): Volume =>
  lookUp('volume', call.cloud.region.volumes, requiredText(call.form, 'VolumeId'), call.nowMs);

const attachmentXml = (
  volumeId: string,
  attachment: Attachment,
  state: string = attachment.state,
): { [element: string]: Xml } => ({
  volumeId,
  instanceId: attachment.instanceId,
  device: attachment.device,
  status: state,
  attachTime: new Date(attachment.attachedAtMs),
  deleteOnTermination: attachment.deleteOnTermination,
});

const volumeXml = (volume: Volume): { [element: string]: Xml } => ({
  volumeId: volume.volumeId,
  size: volume.sizeGiB,
  snapshotId: volume.snapshotId ?? '',
  availabilityZone: volume.zone,
  status: volume.state,
  createTime: new Date(volume.createdAtMs),
  attachmentSet: volume.attachment ? [attachmentXml(volume.volumeId, volume.attachment)] : [],
  tagSet: tagSet(volume.tags),
  volumeType: volume.type,
  iops: volume.iops,
  throughput: volume.throughput,
  encrypted: volume.encrypted,
  multiAttachEnabled: false,
});

const snapshotXml = (snapshot: Snapshot, call: Call): { [element: string]: Xml } => ({
  snapshotId: snapshot.snapshotId,
  volumeId: snapshot.volumeId,
  status: snapshot.state,
  startTime: new Date(snapshot.startedAtMs),
  progress: snapshot.state === 'completed' ? '100%' : '0%',
  ownerId: call.account,
  volumeSize: snapshot.sizeGiB,
  description: snapshot.description,
  encrypted: false,
  tagSet: tagSet(snapshot.tags),
});

const modificationXml = (volume: Volume): { [element: string]: Xml } => ({
  volumeId: volume.volumeId,
  modificationState: volume.modification?.state,
  originalSize: volume.modification?.original.sizeGiB,
  targetSize: volume.modification?.target.sizeGiB,
  originalVolumeType: volume.modification?.original.type,
  targetVolumeType: volume.modification?.target.type,
  originalIops: volume.modification?.original.iops,
  targetIops: volume.modification?.target.iops,
  originalThroughput: volume.modification?.original.throughput,
  targetThroughput: volume.modification?.target.throughput,
  progress: volume.modification?.state === 'completed' ? 100 : 0,
  startTime: volume.modification && new Date(volume.modification.startedAtMs),
  endTime: volume.modification?.endedAtMs === undefined ? undefined : new Date(volume.modification.endedAtMs),
});

/** The actions; `tokens` remembers client tokens. */
export const volumeActions = (tokens: TokenMemory): Record<string, Action> => ({
  CreateVolume: {
    changes: true,
    parameters: [
      'Size',
      'SnapshotId',
      'VolumeType',
      'Iops',
      'Throughput',
      'Encrypted',
      'ClientToken',
      'TagSpecification.*',
    ],
    required: ['AvailabilityZone'],
    handle: (call) =>
      once(tokens, 'CreateVolume', textAt(call.form, 'ClientToken'), call, () => {
        const zone = requiredText(call.form, 'AvailabilityZone');
        if (!call.cloud.region.world.zones.includes(zone)) {
          throw new Ec2Error('InvalidZone.NotFound', `The zone '${zone}' does not exist.`);
        }
        const snapshotId = textAt(call.form, 'SnapshotId');
        const snapshot =
          snapshotId === undefined
            ? undefined
            : lookUp('snapshot', call.cloud.region.snapshots, snapshotId, call.nowMs);
        if (snapshot?.state === 'pending')
          throw new Ec2Error('IncorrectState', `Snapshot '${snapshot.snapshotId}' is 'pending'`);
        const sizeGiB = numberAt(call.form, 'Size') ?? snapshot?.sizeGiB;
        if (sizeGiB === undefined)
          throw new Ec2Error('MissingParameter', 'The request must contain the parameter size or snapshotId');
        if (snapshot !== undefined && sizeGiB < snapshot.sizeGiB) {
          throw new Ec2Error(
            'InvalidParameterValue',
            `Volume of ${sizeGiB}GiB is smaller than snapshot '${snapshot.snapshotId}', expect size >= ${snapshot.sizeGiB}GiB`,
          );
        }
        const volume = createVolume(call.cloud, {
          zone,
          ...checkedShape({
            type: textAt(call.form, 'VolumeType') ?? 'gp2',
            sizeGiB,
            iops: numberAt(call.form, 'Iops'),
            throughput: numberAt(call.form, 'Throughput'),
          }),
          encrypted: flagAt(call.form, 'Encrypted') ?? false,
          snapshotId,
          tags: readTagSpecifications(call.form, 'TagSpecification', 'volume'),
        });
        return volumeXml(volume);
      }),
  },
  DescribeVolumes: describe({
    set: 'volumeSet',
    smallestPage: 5,
    items: (call) => visible(call.cloud.region.volumes, call.nowMs),
    ids: {
      parameter: 'VolumeId',
      of: (volume) => volume.volumeId,
      refuse: (id) => lookUp('volume', new Map(), id, 0),
    },
    tags: (volume) => volume.tags,
    filters: {
      'volume-id': (volume) => volume.volumeId,
      status: (volume) => volume.state,
      'availability-zone': (volume) => volume.zone,
      'attachment.instance-id': (volume) => volume.attachment?.instanceId,
      'attachment.device': (volume) => volume.attachment?.device,
      'attachment.status': (volume) => volume.attachment?.state,
      'attachment.delete-on-termination': (volume) =>
        volume.attachment && String(volume.attachment.deleteOnTermination),
      'create-time': (volume) => new Date(volume.createdAtMs).toISOString(),
      encrypted: (volume) => String(volume.encrypted),
      size: (volume) => String(volume.sizeGiB),
      'snapshot-id': (volume) => volume.snapshotId,
      'volume-type': (volume) => volume.type,
    },
    render: volumeXml,
  }),
  DeleteVolume: {
    changes: true,
    parameters: [],
    required: ['VolumeId'],
    handle: (call) => {
      deleteVolume(call.cloud, volumeAt(call));
      return { return: true };
    },
  },
  AttachVolume: {
    changes: true,
    parameters: [],
    required: ['VolumeId', 'InstanceId', 'Device'],
    handle: (call) => {
      const volume = volumeAt(call);
      const instance = lookUp(
        'instance',
        call.cloud.region.instances,
        requiredText(call.form, 'InstanceId'),
        call.nowMs,
      );
      return attachmentXml(
        volume.volumeId,
        attachVolume(call.cloud, volume, instance, requiredText(call.form, 'Device')),
      );
    },
  },
  DetachVolume: {
    changes: true,
    parameters: ['InstanceId', 'Device', 'Force'],
    required: ['VolumeId'],
    handle: (call) => {
      const volume = volumeAt(call);
      const instanceId = textAt(call.form, 'InstanceId');
      const device = textAt(call.form, 'Device');
      if (instanceId !== undefined) lookUp('instance', call.cloud.region.instances, instanceId, call.nowMs);
      const { attachment } = volume;
      if (
        attachment &&
        ((instanceId ?? attachment.instanceId) !== attachment.instanceId ||
          (device ?? attachment.device) !== attachment.device)
      ) {
        throw new Ec2Error(
          'InvalidAttachment.NotFound',
          `The volume '${volume.volumeId}' is not attached to instance '${instanceId ?? ''}' as device ${device ?? 'any'}`,
        );
      }
      return attachmentXml(
        volume.volumeId,
        detachVolume(call.cloud, volume, flagAt(call.form, 'Force') ?? false),
      );
    },
  },
  ModifyVolume: {
    changes: true,
    parameters: ['Size', 'VolumeType', 'Iops', 'Throughput'],
    required: ['VolumeId'],
    handle: (call) => {
      const volume = volumeAt(call);
      const type = textAt(call.form, 'VolumeType') ?? volume.type;
      const shape = checkedShape({
        type,
        sizeGiB: numberAt(call.form, 'Size') ?? volume.sizeGiB,
        iops: kept(numberAt(call.form, 'Iops'), volume.iops, type, 'iops'),
        throughput: kept(numberAt(call.form, 'Throughput'), volume.throughput, type, 'throughput'),
      });
      modifyVolume(call.cloud, volume, shape);
      return { volumeModification: modificationXml(volume) };
    },
  },
  DescribeVolumesModifications: describe({
    set: 'volumeModificationSet',
    smallestPage: 1,
    items: (call) => visible(call.cloud.region.volumes, call.nowMs).filter((volume) => volume.modification),
    ids: {
      parameter: 'VolumeId',
      of: (volume) => volume.volumeId,
      refuse: (id) => {
        throw new Ec2Error(
          'InvalidVolumeModification.NotFound',
          `Modification for volume '${id}' does not exist.`,
        );
      },
    },
    filters: {
      'volume-id': (volume) => volume.volumeId,
      'modification-state': (volume) => volume.modification?.state,
      'original-size': (volume) => String(volume.modification?.original.sizeGiB),
      'target-size': (volume) => String(volume.modification?.target.sizeGiB),
    },
    render: modificationXml,
  }),
  CreateSnapshot: {
    changes: true,
    parameters: ['Description', 'TagSpecification.*'],
    required: ['VolumeId'],
    handle: (call) => {
      const volume = volumeAt(call);
      const tags = readTagSpecifications(call.form, 'TagSpecification', 'snapshot');
      return snapshotXml(
        createSnapshot(call.cloud, volume, textAt(call.form, 'Description') ?? '', tags),
        call,
      );
    },
  },
  DescribeSnapshots: describe({
    set: 'snapshotSet',
    smallestPage: 5,
    parameters: ['Owner.n', 'RestorableBy.n'],
    items: (call) => visible(call.cloud.region.snapshots, call.nowMs),
    ids: {
      parameter: 'SnapshotId',
      of: (snapshot) => snapshot.snapshotId,
      refuse: (id) => lookUp('snapshot', new Map(), id, 0),
    },
    tags: (snapshot) => snapshot.tags,
    filters: {
      'snapshot-id': (snapshot) => snapshot.snapshotId,
      'volume-id': (snapshot) => snapshot.volumeId,
      status: (snapshot) => snapshot.state,
      description: (snapshot) => snapshot.description,
      'volume-size': (snapshot) => String(snapshot.sizeGiB),
    },
    render: snapshotXml,
  }),
  DeleteSnapshot: {
    changes: true,
    parameters: [],
    required: ['SnapshotId'],
    handle: async (call) => {
      await deleteSnapshot(
        call.cloud,
        lookUp('snapshot', call.cloud.region.snapshots, requiredText(call.form, 'SnapshotId'), call.nowMs),
      );
      return { return: true };
    },
  },
});
