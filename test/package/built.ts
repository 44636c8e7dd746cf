// The programs and the manual, compiled from the sources as they are now: dist/ may be older.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualPages } from '../../package/man/pages.ts';
import { bundlePrograms } from '../../package/programs/bundle.ts';

/** The project's folder. */
export const clone = join(import.meta.dirname, '../..');

/** What `npm run build` makes, in `folder`. */
export async function build(folder: string, version: string): Promise<void> {
  await bundlePrograms(clone, folder);
  mkdirSync(join(folder, 'man'));
  for (const { file, roff } of await manualPages(version)) writeFileSync(join(folder, 'man', file), roff);
}
