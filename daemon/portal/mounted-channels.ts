// Channels as they run on the portal's volumes: what a file system has at its root for itself is none of the user's. Pure.
import { absolutePath, partsOf } from '../../protocol/specification/places.ts';
import type { ChannelSpecification, Specification } from '../../protocol/specification/schema.ts';

/** Made by mkfs for fsck, and root's: nobody else may read it, and `delete` must not take it. */
const repairFolder = 'lost+found';

/** The channels of a specification; one that reads or writes the root of a volume leaves out what ext4 has there. */
export function mountedChannels({
  channels,
  persistent_volumes: volumes,
  spot_instance: { remote_user: user },
}: Specification): ChannelSpecification[] {
  const nameOf = (path: string): string => partsOf(absolutePath(path, user)).join('/');
  const roots = new Set(volumes.map(({ mount_point: path }) => nameOf(path)));
  return channels.map((channel) => {
    const { direction, remote_path: path, exclude = [] } = channel;
    if (!roots.has(nameOf(path))) return channel;
    // To rsync a source folder named without a slash at its end is the first part of every name.
    const isNamed = direction === 'in' && channel.recursive === true && !path.endsWith('/');
    const above = isNamed ? `/${path.slice(path.lastIndexOf('/') + 1)}` : '';
    return { ...channel, exclude: [...exclude, `${above}/${repairFolder}/`] };
  });
}
