// A volume as the scripts' arguments.
import { posix } from 'node:path';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';

/** `$1` to `$4`: serial, device name as given, its other name under Xen, mount point. */
export function volumeArguments(volume: VolumeSpecification): [string, string, string, string] {
  const point = posix.normalize(volume.mount_point);
  return [
    volume.volume_id.replace('-', ''),
    volume.device,
    twinOf(volume.device),
    point.length > 1 ? point.replace(/\/$/, '') : point,
  ];
}

/** The name under which Xen shows a device: /dev/sdf ↔ /dev/xvdf. */
function twinOf(device: string): string {
  return device.startsWith('/dev/sd')
    ? device.replace('/dev/sd', '/dev/xvd')
    : device.replace('/dev/xvd', '/dev/sd');
}
