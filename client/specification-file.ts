// Finds and reads the specification that the user names: the daemon gets its text and its real path.
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { PortalError } from '../protocol/errors.ts';
import { nearestName } from '../protocol/nearest-name.ts';
import { readRegularFile } from '../protocol/regular-file.ts';
import { usageError } from './arguments.ts';
import { checkedPortalName, portalNameOf, specificationExtensions } from './portal-name.ts';

export interface SpecificationFile {
  readonly name: string;
  /** Real absolute path. */
  readonly path: string;
  /** The path as the user would write it. */
  readonly shownPath: string;
  readonly text: string;
}

/** Larger files cannot be meant; it also keeps the message under the protocol's cap. */
const maximumBytes = 256 * 1024;

/**
 * Finds what `argument` names: a path, or a name in `workingFolder`, else in `portalsFolder`. Throws PortalError
 * `unknown-portal` if there is none, `usage` if there are two, `specification-invalid` if it cannot be read.
 */
export async function findSpecification(
  argument: string,
  workingFolder: string,
  portalsFolder: string,
): Promise<SpecificationFile> {
  const name = checkedPortalName(argument);
  const given = basename(argument);
  const hasExtension = specificationExtensions.some((extension) => given.endsWith(extension));
  const fileNames = hasExtension ? [given] : specificationExtensions.map((extension) => given + extension);
  const folders = argument.includes('/')
    ? [resolve(workingFolder, dirname(argument))]
    : [workingFolder, portalsFolder];
  for (const folder of folders) {
    const present = await entriesOf(folder);
    const found = fileNames.filter((fileName) => present.includes(fileName));
    if (found.length > 1) {
      throw usageError(
        `${found.join(' and ')} both exist in ${folder}`,
        `say which, for example ${join(folder, found[0] ?? '')}`,
      );
    }
    const [fileName] = found;
    if (fileName !== undefined) return read(name, join(folder, fileName), workingFolder);
    if (present.includes(given)) throw await ofNoUse(join(folder, given), argument);
  }
  throw await notFound(fileNames, folders, given);
}

/** The real path of the file that `argument` names; undefined if it is only a portal's name. The file may be gone. */
export async function pathNamed(argument: string, workingFolder: string): Promise<string | undefined> {
  const path = resolve(workingFolder, argument);
  if (argument.includes('/')) {
    return realpath(path).catch(async () =>
      join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path)),
    );
  }
  if (!specificationExtensions.some((extension) => argument.endsWith(extension))) return undefined;
  return realpath(path).catch(() => undefined);
}

/** By the codes of `readRegularFile`. */
const reasons: Readonly<Record<string, string>> = {
  EISDIR: 'is a folder',
  ENOTREG: 'is not a regular file',
  EFBIG: `is larger than ${maximumBytes} bytes`,
};

async function read(name: string, path: string, workingFolder: string): Promise<SpecificationFile> {
  const fromHere = relative(workingFolder, path);
  const shownPath = fromHere.startsWith('..') ? path : fromHere;
  const invalid = (message: string): PortalError =>
    new PortalError('specification-invalid', `the specification ${shownPath} ${message}`);
  try {
    const { bytes } = await readRegularFile(path, maximumBytes);
    if (bytes.includes(0)) throw invalid('is not text (UTF-8)');
    const text = decoded(bytes);
    if (text === undefined) {
      throw invalid(`is not text (UTF-8): see line ${firstUndecoded(bytes)}; save it as UTF-8`);
    }
    return { name, path: await realpath(path), shownPath, text };
  } catch (error) {
    if (error instanceof PortalError) throw error;
    const code = String((error as NodeJS.ErrnoException).code);
    throw invalid(reasons[code] ?? `cannot be read (${code})`);
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The line, counted from one, in which the first byte stands that is no UTF-8. */
function firstUndecoded(bytes: Uint8Array): number {
  let line = 1;
  for (let begin = 0; ; line++) {
    const end = bytes.indexOf(0x0a, begin);
    if (end < 0 || decoded(bytes.subarray(begin, end)) === undefined) return line;
    begin = end + 1;
  }
}

/** What is there under exactly the name that was given, without one of our extensions. */
async function ofNoUse(path: string, argument: string): Promise<PortalError> {
  const isFolder = await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  return isFolder
    ? usageError(`"${argument}" is a folder`, 'name a portal, or the file of its specification')
    : usageError(
        `"${argument}" is not named as a specification is`,
        'the file must end in .yaml, .yml or .json',
      );
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function notFound(
  fileNames: readonly string[],
  folders: readonly string[],
  given: string,
): Promise<PortalError> {
  const entries = (await Promise.all(folders.map(entriesOf))).flat();
  const names = entries
    .filter((entry) => specificationExtensions.some((extension) => entry.endsWith(extension)))
    .map(portalNameOf);
  const nearest = nearestName(portalNameOf(given), names);
  const files = fileNames.join(', ').replace(/, ([^,]*)$/, ' or $1');
  return new PortalError('unknown-portal', `there is no ${files} in ${folders.join(' or ')}`, {
    hint: nearest === undefined ? 'name an existing specification file' : `did you mean "${nearest}"?`,
  });
}
