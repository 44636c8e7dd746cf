// What the parser makes of a text, in short forms for tests.
import type { Problem } from '../../protocol/errors.ts';
import { createSpecificationParser } from '../../protocol/specification/parse.ts';

const parse = createSpecificationParser();

export function problemsOf(text: string): readonly Problem[] {
  const parsed = parse(text);
  return 'problems' in parsed ? parsed.problems : [];
}

export function specificationOf(text: string): unknown {
  const parsed = parse(text);
  return 'specification' in parsed ? parsed.specification : parsed.problems;
}

/** `LINE:COLUMN path: message` of every problem. */
export function told(text: string): string[] {
  return problemsOf(text).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}
