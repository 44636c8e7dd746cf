// The socket and the state folder: private, writable, with room.
import { constants } from 'node:fs';
import { access, lstat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckView } from '../../protocol/check-view.ts';
import { PortalError } from '../../protocol/errors.ts';
import { checkSocketPath } from '../../protocol/paths.ts';

/** Records are small; a disk this full fails others first. */
const leastMiB = 100;

/** The folder of the socket, and the socket if it is there. */
export async function socketChecks(path: string, platform: string): Promise<CheckView[]> {
  try {
    checkSocketPath(path, platform);
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    const { message, hint = '' } = error;
    return [{ topic: 'socket', level: 'problem', message, fix: hint }];
  }
  const folder = await privacyCheck('socket folder', dirname(path));
  const socket = await privacyCheck('socket', path, '600');
  return folder.isThere ? [folder.check, ...(socket.isThere ? [socket.check] : [])] : [folder.check];
}

export async function stateFolderChecks(folder: string): Promise<CheckView[]> {
  const { check, isThere } = await privacyCheck('state folder', folder);
  if (!isThere || check.level === 'problem') return [check];
  const isWritable = await access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isWritable)
    return [
      { ...check, level: 'problem', message: `${folder} cannot be written to`, fix: `chmod 700 '${folder}'` },
    ];
  const { bavail, bsize } = await statfs(folder);
  const freeMiB = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMiB >= leastMiB)
    return [check, { topic: 'space', level: 'fine', message: `${freeMiB} MiB left there` }];
  const message = `only ${freeMiB} MiB left in ${folder}, where records must be written`;
  return [check, { topic: 'space', level: 'problem', message, fix: `make room: df -h '${folder}'` }];
}

/** What nobody else may write to, and better not read. */
async function privacyCheck(
  topic: string,
  path: string,
  mode = '700',
): Promise<{ check: CheckView; isThere: boolean }> {
  const told = (level: CheckView['level'], message: string, fix?: string) => ({
    check: { topic, level, message, ...(fix !== undefined && { fix }) },
    isThere: true,
  });
  try {
    const facts = await lstat(path);
    const own = process.getuid?.();
    const shown = (facts.mode & 0o777).toString(8).padStart(4, '0');
    const chmod = `chmod ${mode} '${path}'`;
    if (own !== undefined && facts.uid !== own)
      return told(
        'problem',
        `${path} belongs to user id ${facts.uid}, not to you (${own})`,
        `ls -ld '${path}'`,
      );
    if ((facts.mode & 0o022) !== 0)
      return told('problem', `${path} has mode ${shown}: others can write to it`, chmod);
    if ((facts.mode & 0o077) !== 0)
      return told('warning', `${path} has mode ${shown}: others can read it`, chmod);
    return told('fine', `${path} is yours alone`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      return told('problem', `${path} cannot be looked at (${code})`, `ls -ld '${path}'`);
    return {
      check: { topic, level: 'fine', message: `${path} is not there yet: portald makes it` },
      isThere: false,
    };
  }
}
