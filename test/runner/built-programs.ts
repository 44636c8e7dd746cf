// The programs as they are installed, built from the sources of now.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { bundlePrograms } from '../../package/programs/bundle.ts';

/** Resolves to their folder. Another run may be using it: what has not changed is not touched. */
export async function buildPrograms(clone: string): Promise<string> {
  const cache = join(clone, '.cache');
  const programs = join(cache, 'programs');
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'building-'));
  try {
    await bundlePrograms(clone, fresh);
    const names = filesIn(fresh);
    for (const name of names) {
      const to = join(programs, name);
      if (existsSync(to) && readFileSync(to).equals(readFileSync(join(fresh, name)))) continue;
      mkdirSync(dirname(to), { recursive: true });
      renameSync(join(fresh, name), to);
    }
    // What is not built any more would hide that it is missing.
    for (const name of filesIn(programs)) if (!names.includes(name)) rmSync(join(programs, name));
    return programs;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
