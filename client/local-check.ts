// What of a specification can be told on this machine alone: its text, its key file, the channels' local sides. portald
// reads the key itself, and so finds more.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { byPlace } from '../protocol/by-place.ts';
import type { Problem } from '../protocol/errors.ts';
import type { FindingView } from '../protocol/finding.ts';
import { type Environment, socketPath, stateFolder } from '../protocol/paths.ts';
import { readRegularFile } from '../protocol/regular-file.ts';
import { overlappingChannels } from '../protocol/specification/channel-overlap.ts';
import { channelWarnings } from '../protocol/specification/channel-warnings.ts';
import { localSides, notThere, ownMistakes } from '../protocol/specification/local-sides.ts';
import { createSpecificationParser } from '../protocol/specification/parse.ts';
import { resolvePaths } from '../protocol/specification/resolve-paths.ts';
import type { Mistake } from '../protocol/validate.ts';
import { visibleText } from '../protocol/visible-text.ts';
import type { SpecificationFile } from './specification-file.ts';

const largestKeyFileBytes = 64 * 1024;

export interface LocalCheck {
  /** All mistakes, in the order of the text; those of the machine are looked for in a text without any. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly FindingView[];
}

/** Checks what can be checked without portald. */
export async function checkLocally(
  { path, text }: SpecificationFile,
  environment: Environment,
): Promise<LocalCheck> {
  const parsed = createSpecificationParser()(text);
  if ('problems' in parsed) return { problems: parsed.problems, warnings: [] };
  const home = environment['HOME'] ?? homedir();
  const specification = resolvePaths(parsed.specification, { folder: dirname(path), home, resolve });
  const mistakes: Mistake[] = [
    ...overlappingChannels(specification),
    ...ownMistakes(specification, ownPaths(environment)),
  ];
  const key = await wrongKeyFile(specification.spot_instance.identity_file);
  if (key !== undefined)
    mistakes.push({ path: ['spot_instance', 'identity_file'], atName: false, message: key });
  for (const side of localSides(specification)) {
    await stat(side.needed).catch((error: NodeJS.ErrnoException) => mistakes.push(notThere(side, error)));
  }
  const warnings = channelWarnings(specification, home).map(
    ({ hint, ...mistake }): FindingView => ({
      ...parsed.locate(mistake),
      level: 'warning',
      hint,
    }),
  );
  return {
    problems: mistakes.map(parsed.locate).toSorted(byPlace),
    warnings: warnings.toSorted(byPlace),
  };
}

/** Paths of portald's own files, where the environment names them. */
function ownPaths(environment: Environment): string[] {
  return [stateFolder, socketPath].flatMap((pathOf) => {
    try {
      return [pathOf(environment)];
    } catch {
      // portald itself says what is wrong with its variables.
      return [];
    }
  });
}

/** What is wrong with a private key's file of that absolute path, in words; undefined if nothing is found. */
export async function wrongKeyFile(path: string): Promise<string | undefined> {
  const shown = visibleText(path);
  try {
    const { bytes, facts } = await readRegularFile(path, largestKeyFileBytes);
    if (!bytes.includes('PRIVATE KEY'))
      return `identity file ${shown} is no private key of SSH; name that of the key pair`;
    if ((facts.mode & 0o077) !== 0) return `identity file ${shown} can be read by others; chmod 600 ${shown}`;
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR' || code === 'ENOTREG')
      return `identity file ${shown} is not a regular file; name a private key`;
    if (code === 'EFBIG') return `identity file ${shown} is no private key of SSH; name that of the key pair`;
    return code === 'ENOENT'
      ? `identity file ${shown} does not exist; check spot_instance.identity_file`
      : `identity file ${shown} cannot be read (${message})`;
  }
}
