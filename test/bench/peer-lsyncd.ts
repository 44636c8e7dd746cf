// lsyncd: rsync of what inotify tells, here at once instead of after fifteen seconds.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Peer } from './peer.ts';
import { startProgram, together } from './peer-process.ts';
import { destinationOf, shareConnection, sshCommand } from './peer-ssh.ts';

export const lsyncd: Peer = {
  name: 'lsyncd, delay 0, shared connection',
  async start(scene, deletes) {
    const master = await shareConnection(scene);
    const configuration = join(scene.folder, 'lsyncd.lua');
    await writeFile(
      configuration,
      `settings { nodaemon = true, insist = true }
sync { default.rsync, source = "${scene.local}/", target = "${destinationOf(scene)}:${scene.remote}/", delay = 0,
  delete = ${deletes}, rsync = { links = true, perms = true, times = true, rsh = "${sshCommand(scene, { isShared: true })}" } }
`,
    );
    return together(startProgram('lsyncd', [configuration]), master);
  },
};
