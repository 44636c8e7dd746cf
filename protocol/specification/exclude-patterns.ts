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
  readonly stars: number;
  readonly fits: (text: string) => boolean;
}

/** With each further one the time of a search by a regular expression grows by a power. */
const mostStars = 3;

/**
 * What `excludeFilter` does, as regular expressions for a program in another language; undefined where that is, and for a
 * pattern by which a search could take very long.
 */
export function excludeRules(patterns: readonly string[]): ExcludeRule[] | undefined {
  const rules = rulesOf(patterns);
  if (rules === undefined || rules.some(({ stars }) => stars > mostStars)) return undefined;
  return rules.map(({ stars: _stars, fits: _fits, ...rule }) => rule);
}

function rulesOf(patterns: readonly string[]): Rule[] | undefined {
  const rules = patterns.map(ruleOf);
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

/**
 * The filter that means the same as `patterns` do to rsync; undefined if one of them is a rule of another kind (`- x`,
 * `+ x`, `!`) or has classes such as `[[:alpha:]]`: then only rsync can tell.
 */
export function excludeFilter(patterns: readonly string[]): ExcludeFilter | undefined {
  const rules = rulesOf(patterns);
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
  return rule.fits(`${rule.isFromRoot ? '/' : ''}${text}${rule.needsFolderSlash && isFolder ? '/' : ''}`);
}

function ruleOf(text: string): Rule | undefined {
  // A pattern that begins with a sign and a space is a rule of its own to rsync.
  if (/^[-+!] |^!$|^\/?$|^\/\/|\n|\0/.test(text)) return undefined;
  const isForFolders = text.endsWith('/');
  const pattern = bytesOf(isForFolders ? text.slice(0, -1) : text);
  const isAnchored = pattern.startsWith('/');
  const body = isAnchored ? pattern.slice(1) : pattern;
  const crossesFolders = pattern.includes('**');
  const parts = /[*?[]/.test(pattern) ? partsOfWildcards(body) : Array.from(body, literalPart);
  if (parts === undefined) return undefined;
  const isFromRoot = pattern.startsWith('**');
  const isFromStart = isAnchored || isFromRoot;
  const source = parts.map((part) => part.source).join('');
  return {
    isForLastPart: !pattern.includes('/') && !crossesFolders,
    isForFolders,
    needsFolderSlash: pattern.endsWith('***'),
    isFromRoot,
    source: `${isFromStart ? '^' : '(?:^|/)'}${source}`,
    stars: parts.filter((part) => part.kind === 'star').length,
    fits: (text) => matches(parts, isFromStart, text),
  };
}

/** What a pattern is made of: signs that stand for one byte each, and stars, of which two cross slashes. */
type Part =
  | { readonly kind: 'one'; readonly source: string; readonly fits: (byte: string) => boolean }
  | { readonly kind: 'star'; readonly source: string; readonly crosses: boolean };

/** The parts of a pattern with wildcards; undefined for what is left to rsync. */
function partsOfWildcards(pattern: string): Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; ) {
    const sign = pattern.charAt(at);
    if (sign === '*') {
      const crosses = pattern.charAt(at + 1) === '*';
      while (pattern.charAt(at) === '*') at++;
      parts.push({ kind: 'star', source: crosses ? '.*' : '[^/]*', crosses });
    } else if (sign === '[') {
      const set = setAt(pattern, at);
      if (set === undefined) return undefined;
      parts.push(set.part);
      at = set.end;
    } else {
      if (sign === '\\' && at + 1 === pattern.length) return undefined;
      const literal = sign === '\\' ? pattern.charAt(at + 1) : sign;
      parts.push(sign === '?' ? anyByte : literalPart(literal));
      at += sign === '\\' ? 2 : 1;
    }
  }
  return parts;
}

const anyByte: Part = { kind: 'one', source: '[^/]', fits: (byte) => byte !== '/' };

function literalPart(text: string): Part {
  return { kind: 'one', source: literalSource(text), fits: (byte) => byte === text };
}

/** The set in brackets that begins there, and where it ends. */
function setAt(pattern: string, at: number): { part: Part; end: number } | undefined {
  const found = set.exec(pattern.slice(at));
  const members = found?.[2] === undefined ? undefined : setSource(found[2]);
  if (found === null || members === undefined) return undefined;
  const source = `(?!/)[${found[1] === '' ? '' : '^'}${members}]`;
  const regular = new RegExp(source, 's');
  return { part: { kind: 'one', source, fits: (byte) => regular.test(byte) }, end: at + found[0].length };
}

const set = /^\[([!^]?)(\]?(?:[^\]\\[]|\[(?![:.=]))*)\]/;

/** Whether all of `text` is what the parts say, from its beginning or, unless `isAnchored`, from after one of its slashes. */
function matches(parts: readonly Part[], isAnchored: boolean, text: string): boolean {
  // All the places in the pattern that can have been reached: the time grows with the two lengths, never with their powers.
  let reached = new Uint8Array(parts.length + 1);
  const reach = (places: Uint8Array, from: number): void => {
    for (let at = from; places[at] === 0; at++) {
      places[at] = 1;
      if (parts[at]?.kind !== 'star') return;
    }
  };
  reach(reached, 0);
  for (const byte of text) {
    const next = new Uint8Array(parts.length + 1);
    for (const [at, part] of parts.entries()) {
      if (reached[at] === 0) continue;
      if (part.kind === 'one') {
        if (part.fits(byte)) reach(next, at + 1);
      } else if (part.crosses || byte !== '/') reach(next, at);
    }
    if (!isAnchored && byte === '/') reach(next, 0);
    reached = next;
  }
  return reached[parts.length] === 1;
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
