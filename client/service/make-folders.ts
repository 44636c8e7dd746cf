// Folders and those above them.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Like mkdir's `recursive`, which never ends on file systems that refuse new folders, such as /proc. Whether it was
 * missing; throws what the file system says.
 */
export function makeFolders(folder: string, mode: number): boolean {
  try {
    mkdirSync(folder, { mode });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || existsSync(parent)) throw error;
    makeFolders(parent, mode);
    return makeFolders(folder, mode);
  }
}
