// From the text of a specification file to a checked specification, or to every mistake in it with its place.
import { isMap, isNode, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import type { Problem } from '../errors.ts';
import { assumeChecked, type Check, compileCheck, type Mistake, pathText } from '../validate.ts';
import { impossibleCombinations } from './combinations.ts';
import { type Specification, specificationSchema } from './schema.ts';

/** Longest specification accepted, in characters. */
export const maximumSpecificationLength = 256 * 1024;

export type ParsedSpecification =
  | { readonly specification: Specification }
  | { readonly problems: readonly Problem[] };

const placeholder = /^(string|boolean|float) \((required|optional)\)$/;

/** Makes the parser; the schema is compiled once for it. */
export function createSpecificationParser(): (text: string) => ParsedSpecification {
  const check = compileCheck(specificationSchema);
  return (text) => parse(text, check);
}

function parse(text: string, check: Check): ParsedSpecification {
  if (text.length > maximumSpecificationLength) {
    return { problems: [atStart(`the file is larger than ${maximumSpecificationLength} characters`)] };
  }
  const lines = new LineCounter();
  // YAML 1.2 contains JSON, so one parser serves both; duplicate keys are errors, aliases are not followed.
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    uniqueKeys: true,
    prettyErrors: false,
  });
  const at = (offset: number, path: string, message: string): Problem => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1), path, message };
  };
  if (document.errors.length > 0) {
    return { problems: document.errors.map((error) => at(error.pos[0], '', firstLine(error.message))) };
  }
  const aliases: Problem[] = [];
  visit(document, {
    Alias: (_key, node) => {
      aliases.push(at(node.range?.[0] ?? 0, '', 'anchors and aliases are not allowed; write the value out'));
    },
  });
  if (aliases.length > 0) return { problems: aliases };
  if (document.contents === null) return { problems: [atStart('the file is empty')] };

  const value: unknown = document.toJS();
  const locate = (mistake: Mistake): Problem =>
    at(offsetOf(document.contents, mistake.path, mistake.atName), pathText(mistake.path), mistake.message);

  const placeholders = findPlaceholders(value, []);
  const covered = new Set(placeholders.map((mistake) => pathText(mistake.path)));
  const mistakes = check(value).filter((mistake) => !covered.has(pathText(mistake.path)));
  const problems = [...placeholders, ...mistakes].map(locate);
  if (problems.length > 0) return { problems: problems.toSorted(byPlace) };

  const specification = assumeChecked(specificationSchema, value);
  const impossible = impossibleCombinations(specification).map(locate);
  return impossible.length > 0 ? { problems: impossible.toSorted(byPlace) } : { specification };
}

function findPlaceholders(value: unknown, path: readonly (string | number)[]): Mistake[] {
  if (typeof value === 'string' && placeholder.test(value)) {
    return [
      {
        path,
        atName: false,
        message: `still holds the draft's placeholder "${value}"; put your own value here`,
      },
    ];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => findPlaceholders(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => findPlaceholders(item, [...path, name]));
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

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
