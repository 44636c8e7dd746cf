// From what the user wrote to what is worked with: paths made absolute.
import type { Specification } from './schema.ts';

export interface PathContext {
  /** Folder of the specification's file. */
  readonly folder: string;
  /** The user's home folder. */
  readonly home: string;
  /** The absolute path of `path` as seen from `folder`. */
  readonly resolve: (folder: string, path: string) => string;
}

/** Relative paths are relative to the specification's file; `~` is the home folder. A trailing slash stays. */
export function resolvePaths(
  specification: Specification,
  { folder, home, resolve }: PathContext,
): Specification {
  const absolute = (path: string): string => {
    const expanded = path === '~' || path.startsWith('~/') ? `${home}${path.slice(1)}` : path;
    const resolved = resolve(folder, expanded);
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
