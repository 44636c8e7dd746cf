// The files of a service that an installation writes: whole or not at all, known again, and no others touched.
import { readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import { makeFolders } from './make-folders.ts';

/** In every file that is ours, in a comment. */
export const ownMark = 'Written by portalctl daemon install; portalctl daemon uninstall removes it.';

/** The file's text; undefined if there is none, or it is not ours. */
export function readOwn(path: string): string | undefined {
  const text = readText(path);
  return text?.includes(ownMark) === true ? text : undefined;
}

/** Whether that changed something. Throws PortalError `service`, also for a file that is not ours. */
export function writeOwn(path: string, text: string, mode: number): boolean {
  const before = readText(path);
  if (before === text) return false;
  if (before !== undefined && !before.includes(ownMark))
    throw new PortalError('service', `${path} is not of portalctl's making, and stays as it is`, {
      hint: 'move it away, and try again',
    });
  const temporary = `${path}.${process.pid}`;
  try {
    makeFolders(dirname(path), 0o755);
    writeFileSync(temporary, text, { mode });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new PortalError('service', `cannot write ${path}: ${reasonOf(error)}`);
  }
  return true;
}

/** Whether there was one of ours. Throws PortalError `service`. */
export function removeOwn(path: string): boolean {
  if (readOwn(path) === undefined) return false;
  try {
    rmSync(path);
    removeEmptyDropIns(dirname(path));
  } catch (error) {
    throw new PortalError('service', `cannot remove ${path}: ${reasonOf(error)}`);
  }
  return true;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new PortalError('service', `cannot read ${path}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function removeEmptyDropIns(folder: string): void {
  if (folder.endsWith('.d') && readdirSync(folder).length === 0) rmdirSync(folder);
}
