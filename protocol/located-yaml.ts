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
import { type Mistake, pathText } from './validate.ts';

/** Longest text accepted, in characters. */
export const maximumTextLength = 256 * 1024;

/** One syntax error makes others; those after the first few are noise. */
const maximumSyntaxProblems = 10;

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
  // YAML 1.2 contains JSON, so one parser serves both.
  const document = parseDocument(text, {
    version: '1.2',
    // Looked for by ourselves: the first one's place is told too.
    uniqueKeys: false,
    prettyErrors: false,
    // It would print its warnings, and the text's own words in them, on stderr.
    logLevel: 'error',
  });
  const at = (offset: number, path: string, message: string): Problem => {
    // Counted here: yaml's own counter misses the ends of lines that it skips after a fault.
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    return { line, column: before.length - before.lastIndexOf('\n'), path, message };
  };
  const comment = commentInJson(text);
  if (comment !== undefined)
    return {
      problems: [
        at(comment, '', 'JSON has no comments: leave it out, or write YAML, where they begin with "#"'),
      ],
    };
  if (document.errors.length > 0) {
    return { problems: syntaxProblems(document, text, at) };
  }
  const refused: Problem[] = [];
  visit(document, {
    Alias: (_key, node) => {
      refused.push(at(node.range?.[0] ?? 0, '', 'anchors and aliases are not allowed; write the value out'));
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
  if (refused.length > 0) return { problems: refused.toSorted(byPlace) };
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
  const found = /(?:^|[,{}[\]])[ \t]*(?=\/\/|\/\*)/m.exec(withoutTexts);
  return found === null ? undefined : found.index + found[0].length;
}

function syntaxProblems(
  document: Document.Parsed,
  text: string,
  at: (offset: number, path: string, message: string) => Problem,
): Problem[] {
  const { errors } = document;
  const isJson = /^\s*[[{]/.test(text);
  // The parser descends by recursion and reports its own overflow, once a level.
  const overflow = errors.find(({ message }) => /call stack|stack overflow/i.test(message));
  if (overflow !== undefined) return [at(overflow.pos[0], '', 'lists and objects are nested too deeply')];
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT');
  // What follows a tab is read with another indentation than was meant; what follows a fault in its line, mostly too.
  const lines = new Set<number>();
  return (tabs.length > 0 ? tabs : errors)
    .map((error) => {
      const place = placeOf(error, document);
      const { line } = at(place, '', '');
      return at(place, '', syntaxWords(error, isJson, text.split('\n')[line - 1] ?? ''));
    })
    .toSorted(byPlace)
    .filter(({ line }) => !lines.has(line) && lines.add(line))
    .slice(0, maximumSyntaxProblems);
}

/** Where a fault is to be mended: the parser tells of a text without its closing quote where it gave up. */
function placeOf({ pos: [offset], message }: YAMLParseError, document: Document.Parsed): number {
  if (!/^Missing closing ["']/.test(message)) return offset;
  let begin = offset;
  visit(document, {
    Scalar: (_key, { type, range }) => {
      const isQuoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (isQuoted && range && range[0] < offset) [begin] = range;
    },
  });
  return begin;
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
