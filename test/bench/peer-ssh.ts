// How peers reach the instance: plain OpenSSH, over a shared connection or a new one each time.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../fixture/eventually.ts';
import { startProgram } from './peer-process.ts';
import type { Scene } from './sync-scene.ts';

/** ssh's options. */
export function sshOptions(
  { folder, target }: Pick<Scene, 'folder' | 'target'>,
  { isShared }: { isShared: boolean },
): string[] {
  const settings = [
    `Port=${target.port}`,
    `IdentityFile=${target.identityFile}`,
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    ...(isShared ? [`ControlPath=${join(folder, 'shared')}`] : []),
  ];
  return ['-F', 'none', ...settings.flatMap((setting) => ['-o', setting])];
}

/** ssh without the destination, as rsync and others take it. */
export function sshCommand(scene: Scene, { isShared }: { isShared: boolean }): string {
  return ['ssh', ...sshOptions(scene, { isShared })].join(' ');
}

export function destinationOf({ target }: Scene): string {
  return `${target.user}@${target.address}`;
}

/** Holds the connection that the others share. */
export async function shareConnection(scene: Scene): Promise<AsyncDisposable> {
  const words = [...sshOptions(scene, { isShared: true }), '-M', '-N', destinationOf(scene)];
  const master = startProgram('ssh', words);
  await eventually('the connection is shared', () => existsSync(join(scene.folder, 'shared')));
  return master;
}
