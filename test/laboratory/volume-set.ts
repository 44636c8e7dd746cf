// Volumes of a test as a portal has them: ids, devices, and the tags that EC2 keeps of them.
import { formatOnce } from '../../daemon/portal/format-once.ts';
import type { MountOutcome, RemoteLink } from '../../daemon/portal/gateways.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { cloud, volume as cloudVolume, record } from '../portal/world.ts';

/** Volume number `number`, to be mounted on `mountPoint`, formatted if it is blank. */
export function volumeOf(number: number, mountPoint: string): VolumeSpecification {
  return {
    volume_id: `vol-0123456789abcde${number}`,
    device: `/dev/xvd${'fghijklmn'[number]}`,
    mount_point: mountPoint,
    format: true,
  };
}

/** The serial that its device shows on Nitro. */
export function serialOf(volume: VolumeSpecification): string {
  return volume.volume_id.replace('-', '');
}

/** Tags by volume id. */
export type Tags = Map<string, Readonly<Record<string, string>>>;

/** What a portal does with a volume that is attached: formats it if the rule allows, and mounts it. */
export async function takeUp(
  link: RemoteLink,
  volume: VolumeSpecification,
  tags: Tags,
): Promise<MountOutcome> {
  await format(link, volume, tags);
  return link.mountVolume(volume);
}

/** The first half of it. */
export async function format(link: RemoteLink, volume: VolumeSpecification, tags: Tags): Promise<void> {
  const standing = record();
  const known = (id: string) => ({ ...cloudVolume(), id, tags: tags.get(id) ?? {} });
  await formatOnce(volume, link, {
    record: () => standing,
    tell: () => {},
    view: { observe: () => Promise.resolve(cloud({ volumes: [known(volume.volume_id)] })) },
    cloud: {
      tagVolume: (id, change) => {
        tags.set(id, { ...tags.get(id), ...change });
        return Promise.resolve();
      },
    },
  });
}
