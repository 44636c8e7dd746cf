// Channels as they run on the portal's volumes: what a file system has at its root for itself is none of the user's. Pure.
import type { ChannelSpecification, Specification } from '../../protocol/specification/schema.ts';

/** Made by mkfs for fsck, and root's: nobody else may read it, and `delete` must not take it. */
const repairFolder = 'lost+found';

/** The channels of a specification; one that reads or writes the root of a volume leaves out what ext4 has there. */
export function mountedChannels({
  channels,
  persistent_volumes: volumes,
}: Specification): ChannelSpecification[] {
  const roots = new Set(volumes.map(({ mount_point: path }) => withoutEnd(path)));
  return channels.map((channel) => {
    const { direction, remote_path: path, exclude = [] } = channel;
    const root = withoutEnd(path);
    if (!roots.has(root)) return channel;
    // To rsync a source folder named without a slash at its end is the first part of every name.
    const isNamed = direction === 'in' && channel.recursive === true && !path.endsWith('/');
    const above = isNamed ? root.slice(root.lastIndexOf('/')) : '';
    return { ...channel, exclude: [...exclude, `${above}/${repairFolder}/`] };
  });
}

function withoutEnd(path: string): string {
  return path.replace(/(.)\/+$/, '$1');
}
