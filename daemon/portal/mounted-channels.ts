// Channels as they run on the portal's volumes: what a file system has at its root for itself is none of the user's. Pure.
import { absolutePath, partsBelow, partsOf } from '../../protocol/specification/places.ts';
import type { ChannelSpecification, Specification } from '../../protocol/specification/schema.ts';
import type { ChannelMount, MountState } from './gateways.ts';

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

/** The volumes that a channel's path on the instance lies on, or that lie below it, as they are mounted now. */
export function mountsOf(
  { remote_path: path }: ChannelSpecification,
  { persistent_volumes: volumes, spot_instance: { remote_user: user } }: Specification,
  mounts: readonly MountState[],
): ChannelMount[] {
  const absolute = absolutePath(path, user);
  const parts = partsOf(absolute);
  return volumes.flatMap(({ volume_id: volumeId, mount_point: point }): ChannelMount[] => {
    // Of one that is not known to be mounted no root is the right one.
    const identity = mounts.find((one) => one.volumeId === volumeId)?.identity ?? 'none';
    const mount = { volumeId, point, identity };
    if (partsBelow(partsOf(point), parts) === undefined)
      return partsBelow(parts, partsOf(point)) === undefined ? [] : [mount];
    // Where a link may lie before `..`, only the instance knows what it means.
    return [absolute.split('/').includes('..') ? mount : { ...mount, path: absolute }];
  });
}
