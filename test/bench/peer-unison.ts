// unison, looking as often as it can; Debian packages no watcher for it.
import { join } from 'node:path';
import type { Peer } from './peer.ts';
import { startProgram, together } from './peer-process.ts';
import { destinationOf, shareConnection, sshOptions } from './peer-ssh.ts';

export const unison: Peer = {
  name: 'unison -repeat 1, shared connection',
  async start(scene) {
    const master = await shareConnection(scene);
    const words = ['-repeat', '1', '-auto', '-batch', '-confirmbigdel=false'];
    const roots = [scene.local, `ssh://${destinationOf(scene)}:${scene.target.port}/${scene.remote}`];
    const environment = { ...process.env, UNISON: join(scene.folder, 'unison') };
    const shell = ['-sshargs', sshOptions(scene, { isShared: true }).join(' ')];
    return together(startProgram('unison', [...roots, ...words, ...shell], environment), master);
  },
};
