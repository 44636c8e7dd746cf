// Folders that nobody else may look into or write to.
import { mkdir, stat } from 'node:fs/promises';
import { PortalError } from '../../protocol/errors.ts';

/** Makes `folder` (mode 0700, parents too) or refuses one that is not ours or that others can write to. */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PortalError('state-folder', `cannot make the folder ${folder}: ${reason}`, {
      hint: 'set PORTALD_STATE_DIR to a folder that you may write to',
      cause: error,
    });
  }
  const found = await stat(folder);
  const uid = process.getuid?.();
  if (!found.isDirectory()) throw new PortalError('state-folder', `${folder} is not a folder`);
  if (uid !== undefined && found.uid !== uid) {
    throw new PortalError('state-folder', `${folder} belongs to user ${found.uid}, not to you (${uid})`, {
      hint: 'set PORTALD_STATE_DIR to a folder of your own',
    });
  }
  if ((found.mode & 0o022) !== 0) {
    throw new PortalError('state-folder', `others can write to ${folder}`, { hint: `chmod 700 ${folder}` });
  }
}
