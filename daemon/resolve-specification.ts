// From what the user wrote to what the daemon works with: paths made absolute.
import { dirname, resolve } from 'node:path';
import type { Specification } from '../protocol/specification/schema.ts';

/** Relative paths are relative to the specification's file; `~` is the home folder. A trailing slash stays. */
export function resolvePaths(specification: Specification, file: string, home: string): Specification {
  const absolute = (path: string): string => {
    const expanded = path === '~' || path.startsWith('~/') ? `${home}${path.slice(1)}` : path;
    const resolved = resolve(dirname(file), expanded);
    return path.endsWith('/') && !resolved.endsWith('/') ? `${resolved}/` : resolved;
  };
  return {
    ...specification,
    spot_instance: {
      ...specification.spot_instance,
      identity_file: absolute(specification.spot_instance.identity_file),
    },
    channels: specification.channels.map((channel) => ({
      ...channel,
      local_path: absolute(channel.local_path),
    })),
  };
}
