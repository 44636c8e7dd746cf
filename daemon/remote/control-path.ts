// Where a link's OpenSSH control socket lies, whose path the system limits.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

// A Unix socket's path has 107 bytes (103 on macOS), and ssh appends 17 while it binds.
const longestPathBytes = 103 - 17;

export interface ControlPath {
  readonly controlPath: string;
  /** Removes it; idempotent. */
  remove(): Promise<void>;
}

/**
 * Names the socket of one link. It lies in `folder` if its path fits, else in a new folder under /tmp that is removed with
 * it. `id` is unique among the links.
 */
export async function createControlPath(folder: string, id: string): Promise<ControlPath> {
  const fits = Buffer.byteLength(join(folder, id)) <= longestPathBytes;
  const place = fits ? folder : await mkdtemp('/tmp/portald-');
  const controlPath = join(place, id);
  return {
    controlPath,
    remove: () => (fits ? rm(controlPath, { force: true }) : rm(place, { recursive: true, force: true })),
  };
}
