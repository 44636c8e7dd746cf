// A file system that is soon full.
import { execFileSync, spawnSync } from 'node:child_process';

export interface SmallDisk extends Disposable {
  grow(): void;
  /** Nothing can be written to it from now on. */
  protect(): void;
  unprotect(): void;
}

/** Mounts it; undefined where that is not allowed. */
export function mountSmallDisk(folder: string, sizeKib: number): SmallDisk | undefined {
  const options = `size=${sizeKib}k,mode=777`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder]).status !== 0) return undefined;
  const remount = (options: string): void => {
    execFileSync('mount', ['-o', `remount,${options}`, folder]);
  };
  return {
    grow: () => remount('size=64m'),
    protect: () => remount('ro'),
    unprotect: () => remount('rw'),
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', folder]);
    },
  };
}
