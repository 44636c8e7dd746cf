// Where a link's OpenSSH files live: the control socket, whose path the system limits, and the known hosts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// A Unix socket's path has 107 bytes (103 on macOS), and ssh appends 17 while it binds.
const longestPathBytes = 103 - 17;

export interface ControlFiles {
  readonly controlPath: string;
  readonly knownHostsFile: string;
  /** Removes both; idempotent. */
  remove(): Promise<void>;
}

/**
 * Names the files of one link and writes its known hosts. They lie in `folder` if the socket's path fits, else in a
 * new folder under /tmp that is removed with them. `id` is unique among the links.
 */
export async function createControlFiles(
  folder: string,
  id: string,
  knownHosts: string,
): Promise<ControlFiles> {
  const fits = Buffer.byteLength(join(folder, id)) <= longestPathBytes;
  const place = fits ? folder : await mkdtemp('/tmp/portald-');
  const controlPath = join(place, id);
  const knownHostsFile = `${controlPath}.known_hosts`;
  await writeFile(knownHostsFile, knownHosts, { mode: 0o600 });
  return {
    controlPath,
    knownHostsFile,
    async remove() {
      if (!fits) return rm(place, { recursive: true, force: true });
      await Promise.all([controlPath, knownHostsFile].map((path) => rm(path, { force: true })));
    },
  };
}
