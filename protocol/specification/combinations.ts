// Values that are each allowed and cannot be meant together.
import type { Mistake } from '../validate.ts';
import type { Specification } from './schema.ts';

/** Mistakes that only show when fields are seen together. */
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
    taken('device');
    taken('mount_point');
    if (/(^|\/)\.\.?(\/|$)/.test(volume.mount_point) || trimSlash(volume.mount_point) === '') {
      add(
        ['persistent_volumes', index, 'mount_point'],
        'must be a plain folder path other than "/", without "." or ".."',
      );
    }
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
