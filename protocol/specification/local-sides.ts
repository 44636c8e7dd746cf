// What must be there on this machine for the channels of a specification.
import type { Mistake } from '../validate.ts';
import { visibleText } from '../visible-text.ts';
import { isBelowOne } from './places.ts';
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

/**
 * The mistakes of channels whose local side is, or lies in, one of `ownPaths` or the identity file. By names; each pass looks
 * again, without links.
 */
export function ownMistakes(specification: Specification, ownPaths: readonly string[]): Mistake[] {
  const own = [...ownPaths, specification.spot_instance.identity_file];
  return specification.channels.flatMap(({ local_path: path }, index) => {
    const holder = own.find((one) => isBelowOne(path, [one]));
    return holder === undefined
      ? []
      : [{ path: ['channels', index, 'local_path'], atName: false, message: neverCarried(path, holder) }];
  });
}

/** Why a channel cannot have its local side at `path`. */
export function neverCarried(path: string, own: string): string {
  return `${visibleText(path)} is or lies in ${visibleText(own)}, which is portald's own or a portal's private key: never carried`;
}

function folderOf(path: string): string {
  return path.replace(/\/+$/, '').replace(/\/+[^/]*$/, '') || '/';
}
