// Patterns that rsync takes and that do not mean to it what people expect who know them from .gitignore or a shell. Pure.

interface Habit {
  readonly pattern: RegExp;
  readonly message: string;
  /** `written` is the pattern; `first` what every name begins with, such as `/folder`, or nothing. */
  readonly hint: (written: string, first: string) => string;
}

/** What the patterns are applied to. */
export interface PatternSource {
  /** Absolute, on its machine. */
  readonly path: string;
  readonly isRecursive: boolean;
}

const quoted = (pattern: string): string => JSON.stringify(pattern);

/** The first that applies is told. What rsync does with each, a test asks rsync itself. */
const habits: readonly Habit[] = [
  {
    pattern: /^![^ ]/,
    message:
      'excludes what has a name with a "!" at its beginning, and brings nothing back as it would in .gitignore',
    hint: (written) =>
      `to keep something, write ${quoted(`+ ${written.slice(1)}`)} before the pattern that excludes it`,
  },
  {
    pattern: /^#/,
    message: 'is no comment: it excludes what has a name with a "#" at its beginning',
    hint: () => 'remove it, or write the comment without quotes, on a line of its own',
  },
  {
    pattern: /^\s|\s$/,
    message: 'has a blank at an end, which is part of the name to rsync',
    hint: (written) => `write ${quoted(written.trim())}`,
  },
  {
    pattern: /^\.\//,
    message: 'matches nothing: names begin at the source, without "./"',
    hint: (written, first) => `write ${quoted(`${first}/${written.replace(/^(\.\/+)+/, '')}`)}`,
  },
  {
    pattern: /(^|\/)\.\.?(\/|$)/,
    message: 'matches nothing: no name has "." or ".." as a part',
    hint: () => 'write the path from the source, which begins with "/"',
  },
  {
    pattern: /^~\/|^\$/,
    message: 'matches nothing: rsync does not look up "~" and variables in it',
    hint: () => 'write the path from the source, which begins with "/"',
  },
  {
    pattern: /\/\//,
    message: 'matches nothing: no name has an empty part',
    hint: (written) => `write ${quoted(written.replaceAll(/\/\/+/g, '/'))}`,
  },
  {
    pattern: /\{[^{},]*,[^{}]*\}/,
    message: 'has braces, which are characters of the name to rsync',
    hint: () => 'write one pattern for each',
  },
  {
    pattern: /^[^*?[\\]*\\[^*?[]*$/,
    message: 'has a backslash, which is a character of the name to rsync where there is no wildcard',
    hint: (written) => `write ${quoted(written.replaceAll(/\\(?=[#! ])/g, '').replaceAll('\\', '/'))}`,
  },
];

/** Why a pattern is hardly meant as rsync takes it, and what to write. */
export function whyNotMeant(
  pattern: string,
  { path, isRecursive }: PatternSource,
): { readonly message: string; readonly hint: string } | undefined {
  const folder = path.replace(/\/+$/, '');
  // To rsync a source folder named without a slash at its end is the first part of every name.
  const first = path.endsWith('/') || !isRecursive ? '' : folder.slice(folder.lastIndexOf('/'));
  if (folder !== '' && pattern.startsWith(`${folder}/`)) {
    return {
      message: `${quoted(pattern)} matches nothing: what begins with "/" begins at the source, not at the root of the file system`,
      hint: `write ${quoted(`${first}${pattern.slice(folder.length)}`)}`,
    };
  }
  const habit = habits.find((one) => one.pattern.test(pattern));
  if (habit !== undefined)
    return { message: `${quoted(pattern)} ${habit.message}`, hint: habit.hint(pattern, first) };
  const isElsewhere = /^\/[^*?[]/.test(pattern) && !`${pattern}/`.startsWith(`${first}/`);
  if (!isElsewhere || /^[^/]*[*?[]/.test(pattern.slice(1))) return undefined;
  return {
    message: `${quoted(pattern)} matches nothing: the source has no slash at its end, and so every name begins with ${quoted(`${first}/`)}`,
    hint: `write ${quoted(`${first}${pattern}`)}, or a slash at the end of the source`,
  };
}
