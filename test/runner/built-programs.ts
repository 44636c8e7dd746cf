// The programs as they are installed, built from the sources of now.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundlePrograms } from '../../package/programs/bundle.ts';

/** Resolves to their folder. Another run may be using it: what has not changed is not touched. */
export async function buildPrograms(clone: string): Promise<string> {
  const cache = join(clone, '.cache');
  const programs = join(cache, 'programs');
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'building-'));
  try {
    await bundlePrograms(clone, fresh);
    for (const entry of readdirSync(fresh, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const from = join(entry.parentPath, entry.name);
      const to = join(programs, from.slice(fresh.length));
      if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue;
      mkdirSync(dirname(to), { recursive: true });
      renameSync(from, to);
    }
    return programs;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
