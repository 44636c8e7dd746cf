// What must be there on this machine for the channels of a specification.
import type { Mistake } from '../validate.ts';
import { visibleText } from '../visible-text.ts';
import type { Specification } from './schema.ts';

export interface LocalSide {
  readonly path: Mistake['path'];
  /** A source must be there; a destination is made, but not the folder that it lies in. */
  readonly needed: string;
}

/** `specification` has absolute paths. */
export function localSides({ channels }: Pick<Specification, 'channels'>): LocalSide[] {
  return channels.map(({ direction, local_path: path }, index) => ({
    path: ['channels', index, 'local_path'],
    needed: direction === 'out' ? path : folderOf(path),
  }));
}

/** The mistake of a path that cannot be looked at; `code` and `message` are the system's. */
export function notThere(
  { path, needed }: LocalSide,
  { code, message }: { code?: string | undefined; message: string },
): Mistake {
  const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${message})`;
  return { path, atName: false, message: `${visibleText(needed)} ${why}; create it, or name another` };
}

function folderOf(path: string): string {
  return path.replace(/\/+$/, '').replace(/\/+[^/]*$/, '') || '/';
}
