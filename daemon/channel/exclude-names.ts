// The simple ones of rsync's patterns, by which single names can be judged as rsync would judge them in a pass.

/** Whether a file of that name, relative to the source, is excluded. */
export type NameFilter = (name: string) => boolean;

/**
 * The filter that means the same as `patterns` do to rsync; undefined if one of them is more than a name with `*` and `?`
 * (anchored, of several parts, `**`, `[…]`, escaped, or a rule of another kind): then only rsync can tell.
 */
export function nameFilter(patterns: readonly string[]): NameFilter | undefined {
  const rules = patterns.map(ruleOf);
  if (!rules.every((rule) => rule !== undefined)) return undefined;
  return (name) => {
    const parts = bytesOf(name).split('/');
    return rules.some(({ pattern, isForFolders }) =>
      parts.some((part, index) => !(isForFolders && index === parts.length - 1) && pattern.test(part)),
    );
  };
}

function ruleOf(text: string): { pattern: RegExp; isForFolders: boolean } | undefined {
  const isForFolders = text.endsWith('/');
  const part = isForFolders ? text.slice(0, -1) : text;
  // A pattern that begins with a sign and a space is a rule of its own to rsync.
  if (part === '' || /[/[\]\\\n]|\*\*|^[-+!] /.test(part) || part === '!') return undefined;
  const source = bytesOf(part)
    .replaceAll(/[.+^${}()|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return { pattern: new RegExp(`^${source}$`, 's'), isForFolders };
}

/** One character for each byte: to rsync `?` is one byte. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}
