// From what the user wrote to what the daemon works with: paths made absolute, local things looked at.
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PortalError } from '../protocol/errors.ts';
import type { ChannelSpecification, Specification } from '../protocol/specification/schema.ts';

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

/** Refuses channels whose local side cannot be: a source that is not there, a destination without a parent. */
export async function checkLocalPaths(channels: readonly ChannelSpecification[]): Promise<void> {
  for (const { direction, local_path: path } of channels) {
    const needed = direction === 'out' ? path : dirname(path.replace(/\/+$/, ''));
    try {
      await stat(needed);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${message})`;
      throw new PortalError('local-path', `local path ${needed} of an ${direction}bound channel ${why}`, {
        hint: 'create it, or correct channels[].local_path',
      });
    }
  }
}
