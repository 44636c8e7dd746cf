// rsync's exclude patterns, judged as rsync judges them, for single names. What decides is rsync's own manual ("PATTERN
// MATCHING RULES"); a test holds it against rsync itself.

/** Whether the file or folder of that path, relative to where rsync begins, is excluded, or a folder that it lies in is. */
export type ExcludeFilter = (path: string, kind: 'file' | 'folder') => boolean;

/** One pattern in the words of regular expressions, each character a byte; the same to JavaScript and to Python. */
export interface ExcludeRule {
  /** Of a regular expression whose end is the end of the text. */
  readonly source: string;
  /** Tested against the last part alone, or all of the path. */
  readonly isForLastPart: boolean;
  readonly isForFolders: boolean;
  /** `a/***` means the folder `a`, too, by the slash at its end. */
  readonly needsFolderSlash: boolean;
  /** The text begins with a slash. */
  readonly isFromRoot: boolean;
}

interface Rule extends ExcludeRule {
  readonly pattern: RegExp;
}

/** What `excludeFilter` does, for a program in another language; undefined where that is. */
export function excludeRules(patterns: readonly string[]): ExcludeRule[] | undefined {
  const rules = patterns.map(ruleOf);
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

/**
 * The filter that means the same as `patterns` do to rsync; undefined if one of them is a rule of another kind (`- x`,
 * `+ x`, `!`) or has classes such as `[[:alpha:]]`: then only rsync can tell.
 */
export function excludeFilter(patterns: readonly string[]): ExcludeFilter | undefined {
  const rules = excludeRules(patterns)?.map(
    (rule): Rule => ({ ...rule, pattern: new RegExp(`${rule.source}$`, 's') }),
  );
  if (rules === undefined) return undefined;
  return (path, kind) => {
    const whole = bytesOf(path);
    const parts = whole.split('/');
    return parts.some((part, index) => {
      const isFolder = index < parts.length - 1 || kind === 'folder';
      const upTo = index === parts.length - 1 ? whole : parts.slice(0, index + 1).join('/');
      return rules.some((rule) => applies(rule, rule.isForLastPart ? part : upTo, isFolder));
    });
  };
}

function applies(rule: Rule, text: string, isFolder: boolean): boolean {
  if (rule.isForFolders && !isFolder) return false;
  return rule.pattern.test(
    `${rule.isFromRoot ? '/' : ''}${text}${rule.needsFolderSlash && isFolder ? '/' : ''}`,
  );
}

function ruleOf(text: string): ExcludeRule | undefined {
  // A pattern that begins with a sign and a space is a rule of its own to rsync.
  if (/^[-+!] |^!$|^\/?$|^\/\/|\n|\0/.test(text)) return undefined;
  const isForFolders = text.endsWith('/');
  const pattern = bytesOf(isForFolders ? text.slice(0, -1) : text);
  const isAnchored = pattern.startsWith('/');
  const body = isAnchored ? pattern.slice(1) : pattern;
  const crossesFolders = pattern.includes('**');
  const source = /[*?[]/.test(pattern) ? wildcardSource(body) : literalSource(body);
  if (source === undefined) return undefined;
  const isFromRoot = pattern.startsWith('**');
  return {
    isForLastPart: !pattern.includes('/') && !crossesFolders,
    isForFolders,
    needsFolderSlash: pattern.endsWith('***'),
    isFromRoot,
    source: `${isAnchored || isFromRoot ? '^' : '(?:^|/)'}${source}`,
  };
}

/** `*` and `?` stop at slashes, `**` does not; undefined for what is left to rsync. */
function wildcardSource(pattern: string): string | undefined {
  let source = '';
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const stars = /^\*+/.exec(rest)?.[0].length ?? 0;
    if (stars > 0) source += stars > 1 ? '.*' : '[^/]*';
    const set = /^\[([!^]?)(\]?(?:[^\]\\[]|\[(?![:.=]))*)\]/.exec(rest);
    if (rest.startsWith('[')) {
      const members = set && setSource(set[2] ?? '');
      if (set === null || members === undefined) return undefined;
      source += set[1] === '' ? `(?!/)[${members}]` : `(?!/)[^${members}]`;
    }
    const escape = /^\\(.)/s.exec(rest);
    if (rest.startsWith('\\')) {
      if (escape === null) return undefined;
      source += literalSource(escape[1] ?? '');
    }
    const length = stars || set?.[0].length || escape?.[0].length;
    if (length === undefined) source += rest.startsWith('?') ? '[^/]' : literalSource(rest.charAt(0));
    at += length ?? 1;
  }
  return source;
}

/** The members of a set in brackets; undefined for a range that runs backwards, and for slashes, which mean parts. */
function setSource(members: string): string | undefined {
  if (members.includes('/')) return undefined;
  for (const [, from = '', to = ''] of members.matchAll(/(.)-(.)/gs)) if (from > to) return undefined;
  return members.replaceAll(/[\\\][^]/g, '\\$&');
}

function literalSource(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** One character for each byte: to rsync `?` is one byte. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}
