// The gateway to instances: makes links. Owns the folder of their OpenSSH files.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectRemote } from '../portal/gateways.ts';
import { openLink } from './link.ts';
import type { RemoteParts } from './remote-parts.ts';

/** Makes the gateway. What a killed predecessor left in its folder is removed. */
export function createRemote(parts: RemoteParts): { connect: ConnectRemote } {
  const controlFolder = join(parts.runtimeFolder, 'ssh');
  rmSync(controlFolder, { recursive: true, force: true });
  mkdirSync(controlFolder, { recursive: true, mode: 0o700 });
  let links = 0;
  return {
    connect(target, changed) {
      links++;
      return openLink(target, String(links), { ...parts, controlFolder }, changed);
    },
  };
}
