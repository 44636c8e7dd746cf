// The id of this installation, by which everything that it makes in AWS is found again.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import { writeAtomically } from './atomic-file.ts';

/** Reads the id, or writes a new one from `randomId`. A damaged file is refused: with a new id nothing would be found. */
export async function installationId(folder: string, randomId: () => string): Promise<string> {
  const path = join(folder, 'installation');
  const found = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new PortalError('state-folder', `${path} cannot be read: ${error.message}`, {
      hint: 'it must be a file of yours that holds the id of this installation',
      cause: error,
    });
  });
  if (found === undefined) {
    const id = randomId();
    await writeAtomically(path, `${id}\n`);
    return id;
  }
  const id = found.trim();
  if (!/^[A-Za-z0-9-]{8,64}$/.test(id)) {
    throw new PortalError('state-folder', `${path} is damaged: it must hold this installation's id`, {
      hint: 'take the id from the tag portald:installation of a resource in AWS, or remove the file if there is none',
    });
  }
  return id;
}
