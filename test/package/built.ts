// The programs and the manual, compiled from the sources as they are now: dist/ may be older.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualPages } from '../../package/man/pages.ts';
import { bundlePrograms } from '../../package/programs/bundle.ts';

/** The project's folder. */
export const clone = join(import.meta.dirname, '../..');

/** A folder of the programs: that of `npm test`, which has just built them, else they are built in `folder`. */
export async function programs(folder: string): Promise<string> {
  const built = process.env['PORTALD_TEST_PROGRAMS'];
  if (built === undefined) await bundlePrograms(clone, folder);
  return built ?? folder;
}

/** What `npm run build` makes, in `folder`. */
export async function build(folder: string, version: string): Promise<void> {
  const made = await programs(folder);
  if (made !== folder) cpSync(made, folder, { recursive: true });
  mkdirSync(join(folder, 'man'));
  for (const { file, roff } of await manualPages(version)) writeFileSync(join(folder, 'man', file), roff);
}
