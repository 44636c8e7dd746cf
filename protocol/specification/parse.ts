// From the text of a specification file to a checked specification, or to every mistake in it with its place.
import { byPlace } from '../by-place.ts';
import type { Problem } from '../errors.ts';
import { firstProblems, readLocatedYaml } from '../located-yaml.ts';
import { assumeChecked, type Check, compileCheck, type Mistake, pathText } from '../validate.ts';
import { impossibleCombinations } from './combinations.ts';
import { placeholder } from './draft.ts';
import { type Specification, specificationSchema } from './schema.ts';
import { sketchOf } from './sketch.ts';

export type ParsedSpecification =
  | {
      readonly specification: Specification;
      /** The place of a mistake that is found later. */
      readonly locate: (mistake: Mistake) => Problem;
    }
  | { readonly problems: readonly Problem[] };

/** Makes the parser; the schema is compiled once for it. */
export function createSpecificationParser(): (text: string) => ParsedSpecification {
  const check = compileCheck('specification', specificationSchema);
  return (text) => parse(text, check);
}

function parse(text: string, check: Check): ParsedSpecification {
  const read = readLocatedYaml(text);
  if ('problems' in read) return read;
  const { value, locate } = read;

  const placeholders = findPlaceholders(value, []);
  const covered = new Set(placeholders.map((mistake) => pathText(mistake.path)));
  const mistakes = check(value).filter((mistake) => !covered.has(pathText(mistake.path)));
  const wrong = [...placeholders, ...mistakes];
  // The rest is judged all the same, so that all mistakes are told at once.
  const impossible = impossibleCombinations(sketchOf(value, wrong));
  const problems = [...wrong, ...impossible].map(locate);
  if (problems.length > 0) return { problems: firstProblems(problems.toSorted(byPlace)) };
  return { specification: assumeChecked(specificationSchema, value), locate };
}

function findPlaceholders(value: unknown, path: readonly (string | number)[]): Mistake[] {
  if (typeof value === 'string' && placeholder.test(value)) {
    const way = value.endsWith('(optional)') ? ', or leave it out' : '';
    const message = `still holds the draft's placeholder "${value}"; put your own value here${way}`;
    return [{ path, atName: false, message }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => findPlaceholders(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => findPlaceholders(item, [...path, name]));
}
