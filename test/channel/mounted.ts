// File systems that come and go below a folder that is watched.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** Whether a test may mount. */
export function canMount(): boolean {
  return spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
}

/** Mounts an empty file system, in memory, on `folder`, does `work`, and unmounts it. */
export async function whileMounted(folder: string, work: () => Promise<void>): Promise<void> {
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'portald-test', folder]).status, 0);
  try {
    await work();
  } finally {
    spawnSync('umount', ['-l', folder]);
  }
}
