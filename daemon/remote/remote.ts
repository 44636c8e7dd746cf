// The gateway to instances: makes links. Owns the folder of their OpenSSH files.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectRemote } from '../portal/gateways.ts';
import { openLink } from './link.ts';
import { lookIntervalMs } from './look-interval.ts';
import type { RemoteParts } from './remote-parts.ts';

/** Makes the gateway. What a killed predecessor left in its folder is removed. */
export function createRemote(parts: RemoteParts): { connect: ConnectRemote } {
  const controlFolder = join(parts.runtimeFolder, 'ssh');
  rmSync(controlFolder, { recursive: true, force: true });
  mkdirSync(controlFolder, { recursive: true, mode: 0o700 });
  let links = 0;
  const open = new Set<string>();
  const metadataIntervalMs = (): number => lookIntervalMs(parts.metadataIntervalMs?.() ?? 1000, open.size);
  return {
    connect(target, changed) {
      const id = String(++links);
      open.add(id);
      const link = openLink(target, id, { ...parts, metadataIntervalMs, controlFolder }, changed);
      return {
        ...link,
        close() {
          open.delete(id);
          return link.close();
        },
      };
    },
  };
}
