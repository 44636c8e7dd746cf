// Excludes where the file system here takes `.GIT` for `.git`, as macOS's do: what is excluded in one case is in every case,
// else an instance could replace it by another name.
import { lstat, opendir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** So many entries are looked at until one has a letter. */
const mostLooked = 32;

/** Whether a name in `folder` can be written in another case. Decided by names that are there; false without any. */
export async function foldsCase(folder: string): Promise<boolean> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder)) {
      if (names.push(name) === mostLooked) break;
    }
  } catch {
    // It is not there yet: the folder above tells.
  }
  const inside = names.find((name) => inOtherCase(name) !== name);
  if (inside !== undefined) return isSame(join(folder, inside), join(folder, inOtherCase(inside)));
  for (let path = folder.replace(/(.)\/+$/, '$1'); dirname(path) !== path; path = dirname(path)) {
    const other = inOtherCase(basename(path));
    if (other !== basename(path) && (await isSame(path, path)))
      return isSame(path, join(dirname(path), other));
  }
  return false;
}

/**
 * The rules of rsync's `--exclude` that mean the same in every case; besides, no name with one of the two letters outside of
 * ASCII that fold to one inside, the long s and the Kelvin sign (Unicode's CaseFolding.txt). What is included stays as it is.
 * Pure.
 */
export function inEveryCase(rules: readonly string[]): string[] {
  if (rules.length === 0) return [];
  const folded = rules.map((rule) => {
    if (/^\+ |^!$/.test(rule)) return rule;
    const sign = rule.startsWith('- ') ? '- ' : '';
    return `${sign}${patternInEveryCase(rule.slice(sign.length))}`;
  });
  return [...folded, '*\u017f*', '*\u212a*'];
}

/** A part of a pattern: a set that is not negated, what a backslash makes plain, or a sign (rsync's manual, PATTERN MATCHING RULES). */
const partOfPattern =
  /\[(?!\^|!)(\]?(?:\[:\w+:\]|\\.|[^\]])*)\]|\[[!^]\]?(?:\[:\w+:\]|\\.|[^\]])*\]|\\.|./gsu;

function patternInEveryCase(pattern: string): string {
  // Without these a backslash is itself, and with the sets that come it would not be.
  const plain = /[*?[]/.test(pattern) ? pattern : pattern.replaceAll('\\', '\\\\');
  const folded = plain.replaceAll(partOfPattern, (part: string, set: string | undefined) => {
    if (set !== undefined)
      return `[${set}${inOtherCase(set.replace(/^\]/, '').replaceAll(/\[:\w+:\]/g, ''))}]`;
    if (part.startsWith('[')) return part;
    const sign = part.startsWith('\\') ? part.slice(1) : part;
    const other = inOtherCase(sign);
    return other === sign ? part : `[${sign}${other}]`;
  });
  return folded === plain ? pattern : folded;
}

function inOtherCase(text: string): string {
  return text.replaceAll(/[a-zA-Z]/g, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

async function isSame(one: string, other: string): Promise<boolean> {
  try {
    const [first, second] = await Promise.all([lstat(one), lstat(other)]);
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}
