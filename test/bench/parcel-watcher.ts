// @parcel/watcher, which no part of portald uses: installed for the measurement only.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Installs it into `folder`; resolves with what to import, or with why not. */
export async function parcelWatcher(
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly path: string } | { readonly trouble: string }> {
  const words = [
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--ignore-scripts',
  ];
  try {
    await promisify(execFile)('npm', [...words, '@parcel/watcher@2'], { signal, cwd: folder });
    return { path: join(folder, 'node_modules/@parcel/watcher/index.js') };
  } catch (error) {
    signal.throwIfAborted();
    return { trouble: error instanceof Error ? error.message : String(error) };
  }
}
