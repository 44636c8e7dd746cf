// Where the portald of this installation is, and the Node to run it on, as a service needs them: by paths that stay.
import { realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { delimiter, dirname, extname, join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import type { Environment } from '../../protocol/paths.ts';
import { isPassing } from './lasting.ts';

export interface OwnProgram {
  readonly node: string;
  readonly portald: string;
}

/** Compiled or from source, as this very file is, and beside it: dist/client/main.cjs, or this file in the clone. */
export function ownProgram(environment: Environment): OwnProgram {
  const isSource = extname(import.meta.filename) === '.ts';
  const portald = join(dirname(import.meta.filename), isSource ? '../../daemon/bin.ts' : '../daemon/bin.cjs');
  return { node: lastingPath(process.execPath, environment), portald };
}

/** Throws PortalError `service` if the program is in a cache that may be emptied. */
export function checkLasting({ portald }: OwnProgram): void {
  if (!portald.includes('/_npx/')) return;
  throw new PortalError('service', `this portald is in npx's cache (${portald}), which does not last`, {
    hint: 'install it first, as its README tells: npm install -g with the tarball',
  });
}

/** The text of a file that comes with the package: `systemd/portald.service`. */
export function packagedFile(name: string): string {
  return join(dirname(findPackageJSON(import.meta.url) ?? ''), name);
}

/**
 * A name on the PATH for the Node that runs, if it has one: Homebrew's real path changes with each version of it,
 * the link in its bin does not.
 */
function lastingPath(node: string, environment: Environment): string {
  const names = (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder.startsWith('/') && !isPassing(folder, environment))
    .map((folder) => join(folder, 'node'));
  return names.find((name) => realPath(name) === realPath(node)) ?? node;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
