// Values that have the right form and cannot be meant, by themselves or together.
import type { Mistake } from '../validate.ts';
import { whyNotDevice, whyNotMountPoint } from './reserved-places.ts';
import type { Specification } from './schema.ts';

/** Mistakes that no form shows. */
export function impossibleCombinations(specification: Specification): Mistake[] {
  const mistakes: Mistake[] = [];
  const add = (path: (string | number)[], message: string): void => {
    mistakes.push({ path, atName: false, message });
  };
  const { spot_instance: instance, persistent_volumes: volumes, channels } = specification;

  if ((instance.extra_python_packages?.length ?? 0) > 0 && instance.python_virtual_env === undefined) {
    add(
      ['spot_instance', 'extra_python_packages'],
      'needs "python_virtual_env": where should the packages go?',
    );
  }
  for (const [index, volume] of volumes.entries()) {
    const before = volumes.slice(0, index);
    const taken = (field: 'volume_id' | 'device' | 'mount_point'): void => {
      const other = before.findIndex((candidate) => trimSlash(candidate[field]) === trimSlash(volume[field]));
      if (other >= 0) {
        add(
          ['persistent_volumes', index, field],
          `"${volume[field]}" is already used by persistent_volumes[${other}]`,
        );
      }
    };
    taken('volume_id');
    const device = whyNotDevice(volume.device);
    if (device === undefined) taken('device');
    else add(['persistent_volumes', index, 'device'], `${volume.device} ${device}`);
    const mountPoint = whyNotMountPoint(volume.mount_point, instance.remote_user);
    if (mountPoint === undefined) taken('mount_point');
    else add(['persistent_volumes', index, 'mount_point'], `${volume.mount_point} ${mountPoint}`);
  }
  for (const [index, channel] of channels.entries()) {
    for (const field of ['local_path', 'remote_path'] as const) {
      if (channel[field].includes('\0')) add(['channels', index, field], 'must not contain a NUL character');
    }
  }
  return mistakes;
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
