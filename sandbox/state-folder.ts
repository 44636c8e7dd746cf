// The folder given with --state: everything on disk is below it, and it is emptied at each start.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WorldError } from './world/reader.ts';

const mark = 'portal-sandbox';

/** Empties the folder and returns its parts. Throws a WorldError if it holds something that is not a sandbox's. */
export async function prepareStateFolder(given: string) {
  const folder = resolve(given);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = await readdir(folder);
  if (names.length > 0 && !names.includes(mark)) {
    throw new WorldError(`${folder} holds files that are not the sandbox's; give --state an empty folder.`);
  }
  await writeFile(join(folder, mark), 'The state of a portal-sandbox; emptied at each start.\n');
  const parts = {
    disks: join(folder, 'disks'),
    instances: join(folder, 'instances'),
    toolbox: join(folder, 'toolbox'),
  };
  for (const part of Object.values(parts)) {
    await rm(part, { recursive: true, force: true });
    await mkdir(part);
  }
  return parts;
}
