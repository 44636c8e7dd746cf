// The programs and the manual, compiled from the sources as they are now: dist/ may be older.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualPages } from '../../package/man/pages.ts';

/** The project's folder. */
export const clone = join(import.meta.dirname, '../..');

/** What `npm run build` makes, in `folder`. */
export async function build(folder: string, version: string): Promise<void> {
  const compiler = join(clone, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(clone, 'tsconfig.build.json'), '--outDir', folder]);
  for (const program of ['daemon', 'client', 'sandbox']) chmodSync(join(folder, program, 'bin.js'), 0o755);
  mkdirSync(join(folder, 'man'));
  for (const { file, roff } of await manualPages(version)) writeFileSync(join(folder, 'man', file), roff);
}
