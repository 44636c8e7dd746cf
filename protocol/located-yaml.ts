// The one place that knows yaml: reads YAML or JSON text so that every later finding can be told with its place.
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml';
import { byPlace } from './by-place.ts';
import type { Problem } from './errors.ts';
import { syntaxWords } from './syntax-words.ts';
import { type TextPlaces, textPlaces } from './text-places.ts';
import { type Mistake, pathText } from './validate.ts';
import { visibleText } from './visible-text.ts';

/** Longest text accepted, in characters. */
export const maximumTextLength = 256 * 1024;

/**
 * Most lines and signs that part values. The parser takes about 10 µs for each, and nothing else happens meanwhile: a
 * notice must not have to wait for somebody's file. The longest specification in use has some hundred.
 */
export const maximumParts = 3000;
const part = /[\n\t,:[\]{}?\\"'&*!-]/g;

/** The parser descends by recursion. */
const maximumDepth = 200;
const nestedTooDeeply = 'lists and objects are nested too deeply';

/** One syntax error makes others; those after the first few are noise. */
const maximumSyntaxProblems = 10;

/** So many mistakes are told of one file. */
export const maximumProblems = 100;

export interface LocatedValue {
  readonly value: unknown;
  /** The mistake with its line and column; those of the nearest parent when the value itself is absent. */
  locate(mistake: Mistake): Problem;
}

/** Reads a text; anchors, aliases, duplicate keys and empty texts are problems. */
export function readLocatedYaml(text: string): LocatedValue | { readonly problems: readonly Problem[] } {
  if (text.length > maximumTextLength) {
    return { problems: [atStart(`the file is larger than ${maximumTextLength} characters`)] };
  }
  const places = textPlaces(text);
  const tooMany = partAfter(text, maximumParts);
  if (tooMany !== undefined) {
    const message = `the file is too long: up to here it has ${maximumParts} lines, commas, colons, quotes and brackets, and no specification needs as many`;
    return { problems: [{ ...places.at(tooMany), path: '', message }] };
  }
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined)
    return { problems: [{ ...places.at(tooDeep), path: '', message: nestedTooDeeply }] };
  // YAML 1.2 contains JSON, so one parser serves both.
  const document = parseDocument(text, {
    version: '1.2',
    // Looked for by ourselves: the first one's place is told too.
    uniqueKeys: false,
    prettyErrors: false,
    // It would print its warnings, and the text's own words in them, on stderr.
    logLevel: 'error',
  });
  // Counted here: yaml's own counter misses the ends of lines that it skips after a fault.
  const at = (offset: number, path: string, message: string): Problem => ({
    ...places.at(offset),
    path,
    message,
  });
  const directive = /^(?:(?:#.*)?\r?\n)*%/.exec(text.replace(/^\uFEFF/, ''))?.[0];
  if (directive !== undefined) {
    const message =
      'a line that begins with "%" would change what the rest means; leave it out: files are read as YAML 1.2';
    return { problems: [at(text.indexOf(directive) + directive.length - 1, '', message)] };
  }
  const comment = commentInJson(text);
  if (comment !== undefined)
    return {
      problems: [
        at(comment, '', 'JSON has no comments: leave it out, or write YAML, where they begin with "#"'),
      ],
    };
  if (document.errors.length > 0) {
    return { problems: syntaxProblems(document, text, places) };
  }
  const refused: Problem[] = document.warnings.map(({ pos, code }) =>
    at(
      pos[0],
      '',
      code === 'TAG_RESOLVE_FAILED'
        ? `the tag ${visibleText(text.slice(...pos).slice(0, 60))} means nothing here; write the value itself`
        : 'this is not expected here',
    ),
  );
  visit(document, {
    Alias: (_key, node) => {
      refused.push(at(node.range?.[0] ?? 0, '', 'anchors and aliases are not allowed; write the value out'));
    },
    Scalar: (key, { value, range }) => {
      if (key !== 'key' && value instanceof Uint8Array)
        refused.push(at(range?.[0] ?? 0, '', 'the tag !!binary means nothing here; write the text itself'));
    },
    Pair: (_key, { key }) => {
      if (isNode(key) && (!isScalar(key) || key.value instanceof Uint8Array)) {
        refused.push(at(key.range?.[0] ?? 0, '', "a field's name must be plain text"));
      }
    },
  });
  if (refused.length === 0) {
    eachSecondName(document.contents, [], (path, second, first) => {
      const { line } = at(first, '', '');
      refused.push(at(second, pathText(path), `is already in line ${line}; keep one of the two`));
    });
  }
  if (refused.length > 0) return { problems: firstProblems(refused.toSorted(byPlace)) };
  if (document.contents === null) return { problems: [atStart('the file is empty')] };
  return {
    value: document.toJS(),
    locate: (mistake) =>
      at(offsetOf(document.contents, mistake.path, mistake.atName), pathText(mistake.path), mistake.message),
  };
}

/** Where the first thing stands that is neither space nor such a comment. */
function endOfComments(text: string): number {
  let end = 0;
  for (;;) {
    end += text.slice(end).search(/\S|$/);
    const closing = text.startsWith('//', end) ? '\n' : text.startsWith('/*', end) ? '*/' : undefined;
    if (closing === undefined) return end;
    const close = text.indexOf(closing, end + 2);
    end = close < 0 ? text.length : close + closing.length;
  }
}

/** Where a text that is JSON otherwise has its first comment of another language. YAML would take it for a name. */
function commentInJson(text: string): number | undefined {
  if (!/^[[{]/.test(text.slice(endOfComments(text)))) return undefined;
  const withoutTexts = text.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, (quoted) => ' '.repeat(quoted.length));
  // `[/*.tmp]` is a list with a pattern: a comment has an end.
  const lastEnd = withoutTexts.lastIndexOf('*/');
  for (const { index, 0: before } of withoutTexts.matchAll(/(?:^|[,{}[\]])[ \t]*(?=\/\/|\/\*)/gm)) {
    const begin = index + before.length;
    if (withoutTexts.startsWith('//', begin) || begin + 2 <= lastEnd) return begin;
  }
  return undefined;
}

/** Where the nth line or sign that parts values stands; undefined if there are not as many. */
function partAfter(text: string, count: number): number | undefined {
  let index = 0;
  for (const { index: offset } of text.matchAll(part)) if (++index > count) return offset;
  return undefined;
}

/** Where brackets are open to a depth that nobody means, those in texts counted with the others; undefined if nowhere. */
function tooDeepAt(text: string): number | undefined {
  let depth = 0;
  for (const { index, 0: bracket } of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === '[' || bracket === '{' ? 1 : -1));
    if (depth > maximumDepth) return index;
  }
  return undefined;
}

/** The first so many, and how many more there are. */
export function firstProblems(problems: readonly Problem[]): readonly Problem[] {
  const more = problems[maximumProblems];
  if (more === undefined) return problems;
  const count = problems.length - maximumProblems;
  const message = `and ${count} more ${count === 1 ? 'mistake' : 'mistakes'} from here on`;
  return [...problems.slice(0, maximumProblems), { ...more, path: '', message }];
}

function syntaxProblems(document: Document.Parsed, text: string, places: TextPlaces): Problem[] {
  const { errors } = document;
  const isJson = /^\s*[[{]/.test(text);
  // The parser descends by recursion and reports its own overflow, once a level.
  const overflow = errors.find(({ message }) => /call stack|stack overflow/i.test(message));
  if (overflow !== undefined) return [{ ...places.at(overflow.pos[0]), path: '', message: nestedTooDeeply }];
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT');
  // What follows a tab is read with another indentation than was meant; what follows a fault in its line, mostly too.
  const byLine = new Map<number, Problem>();
  const quotes = quotedBegins(document);
  for (const error of tabs.length > 0 ? tabs : errors) {
    const place = places.at(placeOf(error, quotes));
    const known = byLine.get(place.line);
    if (known !== undefined && known.column <= place.column) continue;
    const message = syntaxWords(error, isJson, places.line(place.line));
    byLine.set(place.line, { ...place, path: '', message });
  }
  return [...byLine.values()].toSorted(byPlace).slice(0, maximumSyntaxProblems);
}

/** Where quoted texts begin, in order. */
function quotedBegins(document: Document.Parsed): readonly number[] {
  const begins: number[] = [];
  visit(document, {
    Scalar: (_key, { type, range }) => {
      const isQuoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (isQuoted && range) begins.push(range[0]);
    },
  });
  return begins.toSorted((one, other) => one - other);
}

/** Where a fault is to be mended: the parser tells of a text without its closing quote where it gave up. */
function placeOf({ pos: [offset], message }: YAMLParseError, quotes: readonly number[]): number {
  if (!/^Missing closing ["']/.test(message)) return offset;
  return quotes.findLast((begin) => begin < offset) ?? offset;
}

/** Calls `found` with the places of every field whose name its object has before it. */
function eachSecondName(
  node: unknown,
  path: readonly (string | number)[],
  found: (path: readonly (string | number)[], second: number, first: number) => void,
): void {
  if (isSeq(node))
    for (const [index, item] of node.items.entries()) eachSecondName(item, [...path, index], found);
  if (!isMap(node)) return;
  const places = new Map<string, number>();
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const place = key.range?.[0] ?? 0;
    const first = places.get(name);
    if (first === undefined) places.set(name, place);
    else found([...path, name], place, first);
    eachSecondName(value, [...path, name], found);
  }
}

/** Where the value (or the name of the property) at `path` stands in the text; the nearest parent's place if absent. */
function offsetOf(root: Node | null, path: readonly (string | number)[], atName: boolean): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [depth, part] of path.entries()) {
    if (typeof part === 'string' && isMap(node)) {
      const pair = node.items.find((item: Pair) => isScalar(item.key) && String(item.key.value) === part);
      if (pair === undefined) return offset;
      const target: unknown = atName && depth === path.length - 1 ? pair.key : (pair.value ?? pair.key);
      node = pair.value;
      if (isNode(target)) offset = target.range?.[0] ?? offset;
    } else if (typeof part === 'number' && isNode(node) && 'items' in node) {
      node = (node.items as unknown[])[part];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    }
  }
  return offset;
}

function atStart(message: string): Problem {
  return { line: 1, column: 1, path: '', message };
}
