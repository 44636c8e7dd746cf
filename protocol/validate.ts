// The one place that knows ajv: compiles a schema into a check that names every mistake at once, in plain words.
import { Ajv, type ErrorObject } from 'ajv';
import { nearestName } from './nearest-name.ts';
import type { Infer, ObjectSchema } from './schema.ts';

/** One mistake: `path` as property names and array positions from the root. */
export interface Mistake {
  readonly path: readonly (string | number)[];
  /** True when the mistake is the property's name, not its value. */
  readonly atName: boolean;
  readonly message: string;
}

/** Checks a value; returns its mistakes, none when it satisfies the schema. */
export type Check = (value: unknown) => Mistake[];

/** Compiles `schema`. Throws on a schema that is itself wrong (a bug of ours). */
export function compileCheck(schema: ObjectSchema): Check {
  const ajv = new Ajv({ allErrors: true, strict: true, verbose: true });
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(toMistake));
}

/** Narrows `value` after a clean check. */
export function assumeChecked<S extends ObjectSchema>(_schema: S, value: unknown): Infer<S> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller vouches for the check
  return value as Infer<S>;
}

/** `channels[0].direction` from its parts. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

function toMistake(error: ErrorObject): Mistake {
  const path = pointerParts(error.instancePath);
  const parameters = error.params as Record<string, unknown>;
  const described: unknown = error.parentSchema?.['description'];
  const meaning = typeof described === 'string' ? ` (${described})` : '';
  switch (error.keyword) {
    case 'required':
      return { path, atName: false, message: `"${String(parameters['missingProperty'])}" is missing` };
    case 'additionalProperties': {
      const name = String(parameters['additionalProperty']);
      const known = Object.keys(Object(error.parentSchema?.['properties']));
      const nearest = nearestName(name, known);
      const advice =
        nearest === undefined ? `known fields: ${known.join(', ')}` : `did you mean "${nearest}"?`;
      return { path: [...path, name], atName: true, message: `unknown field; ${advice}` };
    }
    case 'type':
      return { path, atName: false, message: `must be ${article(String(parameters['type']))}${meaning}` };
    case 'enum': {
      const values: unknown = parameters['allowedValues'];
      const allowed = Array.isArray(values) ? values.map((value) => `"${String(value)}"`) : [];
      return { path, atName: false, message: `must be one of ${allowed.join(', ')}` };
    }
    case 'minLength':
      return { path, atName: false, message: `must not be empty${meaning}` };
    case 'pattern':
      return { path, atName: false, message: `has a form that is not allowed here${meaning}` };
    default:
      return { path, atName: false, message: `${error.message ?? error.keyword}${meaning}` };
  }
}

function article(type: string): string {
  return type === 'integer'
    ? 'a whole number'
    : type === 'object' || type === 'array'
      ? `an ${type}`
      : `a ${type}`;
}

function pointerParts(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
