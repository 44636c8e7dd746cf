// mutagen: its daemon in a folder of the scene, its agent on the instance, over our ssh settings.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../fixture/eventually.ts';
import type { Peer } from './peer.ts';
import { startProgram } from './peer-process.ts';
import { destinationOf, sshOptions } from './peer-ssh.ts';
import type { Scene } from './sync-scene.ts';

/** The peer that runs this program. */
export function mutagen(program: string): Peer {
  return {
    name: 'mutagen, polling interval 1',
    async start(scene, deletes) {
      const environment = {
        ...process.env,
        MUTAGEN_DATA_DIRECTORY: join(scene.folder, 'mutagen'),
        MUTAGEN_DISABLE_AUTOSTART: '1',
        MUTAGEN_SSH_PATH: await writeShells(scene),
      };
      const daemon = startProgram(program, ['daemon', 'run'], environment);
      const ask = (words: readonly string[]): Promise<unknown> =>
        promisify(execFile)(program, ['sync', ...words], { env: environment });
      try {
        await eventually('mutagen answers', () => ask(['list']).then(Boolean, () => false));
        const destination = `${destinationOf(scene)}:${scene.target.port}:${scene.remote}`;
        await ask(['create', ...settings(deletes), scene.local, destination]);
      } catch (error) {
        await daemon[Symbol.asyncDispose]();
        throw error;
      }
      return daemon;
    },
  };
}

function settings(deletes: boolean): string[] {
  return [
    '--no-global-configuration',
    `--mode=${deletes ? 'one-way-replica' : 'one-way-safe'}`,
    '--watch-polling-interval=1',
    '--compression=none',
    '--hash=xxh128',
    '--symlink-mode=posix-raw',
    '--default-file-mode=0644',
    '--default-directory-mode=0755',
  ];
}

/** A folder with an ssh and an scp that reach the instance; resolves with its path. */
async function writeShells(scene: Scene): Promise<string> {
  const folder = join(scene.folder, 'shells');
  await mkdir(folder);
  const options = sshOptions(scene, { isShared: false }).join(' ');
  for (const [name, words] of [
    ['ssh', 'ssh'],
    // The instance has a shell, but no SFTP.
    ['scp', 'scp -O'],
  ]) {
    await writeFile(join(folder, `${name}`), `#!/bin/sh\nexec ${words} ${options} "$@"\n`, { mode: 0o755 });
  }
  return folder;
}
