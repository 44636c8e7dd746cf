// The files among the records that are none of those portald works with: set aside as damaged, or put back by hand.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeftFile } from '../sweep/claims.ts';
import { temporaryPrefix } from './atomic-file.ts';

/** Of what stays so: a folder, a dangling link, another user's file. All else may pass. */
export const unreadable: ReadonlySet<string> = new Set(['EISDIR', 'ENOENT', 'ELOOP', 'EACCES']);

/** Reads them anew; `known` are the names of the portals whose records portald works with. */
export async function leftFiles(stateFolder: string, known: ReadonlySet<string>): Promise<LeftFile[]> {
  const folder = join(stateFolder, 'portals');
  const names = (await readdir(folder)).filter((name) => !name.startsWith(temporaryPrefix));
  return Promise.all(
    names
      .filter((name) => !(name.endsWith('.json') && known.has(name.slice(0, -'.json'.length))))
      .map(async (name) => {
        const path = join(folder, name);
        const end = name.lastIndexOf('.json');
        const text = await readText(path).catch((error: NodeJS.ErrnoException) => {
          // It speaks by its name.
          if (unreadable.has(error.code ?? '')) return '';
          throw error;
        });
        return { path, portal: end < 0 ? name : name.slice(0, end), text };
      }),
  );
}

/** A pipe would be waited for. */
async function readText(path: string): Promise<string> {
  return (await stat(path)).isFile() ? readFile(path, 'utf8') : '';
}
