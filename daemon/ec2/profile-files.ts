// Why an AWS profile cannot be had: the SDK takes a file that it cannot read for an empty one, and a missing profile for none.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nearestName } from '../../protocol/nearest-name.ts';
import { readRegularFile } from '../../protocol/regular-file.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { Environment } from './proxy.ts';

const largestFileBytes = 1024 * 1024;

/** In words; undefined if one of the files has it. */
export async function whyNoProfile(profile: string, environment: Environment): Promise<string | undefined> {
  const home = environment['HOME'] || homedir();
  const files = [
    environment['AWS_CONFIG_FILE'] || join(home, '.aws/config'),
    environment['AWS_SHARED_CREDENTIALS_FILE'] || join(home, '.aws/credentials'),
  ];
  const found = await Promise.all(files.map(read));
  const names = new Set(found.flatMap(({ text }, index) => profilesIn(text, index === 0)));
  if (names.has(profile)) return undefined;
  const unreadable = found.flatMap(({ trouble }, index) =>
    trouble === undefined ? [] : [`${visibleText(files[index] ?? '')} cannot be read (${trouble})`],
  );
  if (unreadable.length > 0) return unreadable.join(', ');
  const shown = files.map((file) => visibleText(file)).join(' or ');
  const near = nearestName(profile, [...names]);
  const meant = near === undefined ? '' : `; did you mean "${visibleText(near)}"?`;
  return `there is no profile of that name in ${shown}${meant}`;
}

/** A file that is not there is no trouble: one of the two is enough. */
async function read(path: string): Promise<{ text: string; trouble?: string }> {
  try {
    return { text: (await readRegularFile(path, largestFileBytes)).bytes.toString() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'EFBIG') return { text: '', trouble: 'too large' };
    if (code === 'ENOTREG') return { text: '', trouble: 'not a regular file' };
    return code === 'ENOENT' ? { text: '' } : { text: '', trouble: code };
  }
}

/** In the configuration all profiles but `default` have the word before their name. */
function profilesIn(text: string, isConfiguration: boolean): string[] {
  return [...text.matchAll(/^\s*\[\s*(?:(profile)\s+)?["']?([^\]"']+?)["']?\s*\]/gm)]
    .filter(([, word, name]) => !isConfiguration || word !== undefined || name === 'default')
    .map(([, , name = '']) => name);
}
