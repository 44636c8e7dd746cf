// The order in which a reader of a text meets what is wrong with it.
import type { Problem } from './errors.ts';

/** Compares two problems for sorting. */
export function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
