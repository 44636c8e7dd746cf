// Where Node may keep what it has compiled of our programs: that makes a start a tenth shorter. Code that is kept is code
// that will run, so it lies where this user alone can write, and root keeps nothing among another's files.
import { type Environment, stateFolder } from './paths.ts';

type Look = (path: string) => { readonly uid: number; readonly mode: number } | undefined;

/** Lets Node keep what it compiles from here on, by `keep`, unless the program at `url` runs from its source. */
export function keepCompiledCode(
  url: string,
  { env, geteuid }: { readonly env: Environment; readonly geteuid?: () => number },
  { look, keep }: { readonly look: Look; readonly keep: (folder: string) => unknown },
): void {
  const folder = url.endsWith('.ts') ? undefined : compiledCodeFolder(env, geteuid?.(), look);
  if (folder !== undefined) keep(folder);
}

/**
 * A folder in the state folder, if that exists and is of `userId` alone, so that what Node makes in it is, too; not one
 * that somebody else has put there while others could write to it. `look` tells the owner and mode of a path, undefined
 * where there is nothing.
 */
export function compiledCodeFolder(
  environment: Environment,
  userId: number | undefined,
  look: Look,
): string | undefined {
  try {
    const folder = stateFolder(environment);
    const found = look(folder);
    const isPrivate = found !== undefined && found.uid === userId && (found.mode & 0o077) === 0;
    const compiled = `${folder}/compiled`;
    const kept = look(compiled);
    const isOwn = kept === undefined || (kept.uid === userId && (kept.mode & 0o022) === 0);
    return isPrivate && isOwn ? compiled : undefined;
  } catch {
    // No state folder is named, or it cannot be looked at: the program itself will say so.
    return undefined;
  }
}
