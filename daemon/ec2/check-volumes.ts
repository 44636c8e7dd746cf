// Whether the volumes are there, in the instance's zone, and free.
import type { Volume } from './client-ec2.ts';
import { paged } from './describe.ts';
import type { Check, Finding } from './finding.ts';

const volumesPath = ['persistent_volumes'] as const;

export const checkVolumes: Check = {
  about: () => 'the volumes',
  path: volumesPath,
  isEssential: true,
  async run({ specification, ec2, options }) {
    const zone = specification.spot_instance.availability_zone;
    const ids = specification.persistent_volumes.map((volume) => volume.volume_id);
    if (ids.length === 0) return [];
    // By filter: an unknown id would fail the call for all.
    const found = await paged(async (token) => {
      const Filters = [{ Name: 'volume-id', Values: ids }];
      const answer = await ec2.describeVolumes({ Filters, ...token }, options);
      return { items: answer.Volumes ?? [], next: answer.NextToken };
    });
    return ids.map((id, index) => {
      const volume = found.find((one) => one.VolumeId === id);
      return { ...judgeVolume(id, volume, zone), path: [...volumesPath, index, 'volume_id'] };
    });
  },
};

function judgeVolume(id: string, volume: Volume | undefined, zone: string): Omit<Finding, 'path'> {
  if (volume === undefined) {
    return {
      level: 'refusal',
      kind: 'not-found',
      message: `volume ${id} is not in this Region`,
      hint: 'check the id and the Region',
    };
  }
  if (volume.AvailabilityZone !== zone) {
    return {
      level: 'refusal',
      kind: 'zone',
      message: `volume ${id} is in ${volume.AvailabilityZone}; the instance is to be in ${zone}`,
      hint: "set availability_zone to the volume's zone, or move the volume by a snapshot",
    };
  }
  const user = volume.Attachments?.find((one) => one.State !== 'detached')?.InstanceId;
  if (user !== undefined) {
    return {
      level: 'refusal',
      kind: 'volume',
      message: `volume ${id} is attached to ${user}`,
      hint:
        'a volume is written by one instance at a time: close the portal that has it, end the instance if portalctl orphans ' +
        'shows it, else detach it there',
    };
  }
  if (volume.State === 'error' || volume.State === 'deleting' || volume.State === 'deleted') {
    return {
      level: 'refusal',
      kind: 'volume',
      message: `volume ${id} is of no use: its state is ${volume.State}`,
      hint: 'name another volume, or restore it from a snapshot',
    };
  }
  const size = volume.Size === undefined ? '' : `${volume.Size} GiB, `;
  return {
    level: 'fine',
    kind: 'volume',
    message: `${id} is free: ${size}${volume.VolumeType ?? ''}, ${zone}`,
  };
}
