// What is left of a specification when its mistaken values are left out, so that the rest can be judged all the same.
import { isJsonObject } from '../json-object.ts';
import type { Mistake } from '../validate.ts';
import type { SpecificationSketch } from './combinations.ts';

/** `value` without what `mistakes` are about; names of fields stay. `value` itself is not changed. */
export function sketchOf(value: unknown, mistakes: readonly Mistake[]): SpecificationSketch {
  const sketch: unknown = structuredClone(value);
  for (const { path } of mistakes) {
    if (path.length === 0) return {};
    const parent = path.slice(0, -1).reduce<unknown>((at, part) => childOf(at, part), sketch);
    if (typeof parent === 'object' && parent !== null) Reflect.set(parent, path.at(-1) ?? '', undefined);
  }
  return isJsonObject(sketch) ? sketch : {};
}

function childOf(value: unknown, part: string | number): unknown {
  if (Array.isArray(value)) return value[Number(part)];
  return isJsonObject(value) ? value[part] : undefined;
}
