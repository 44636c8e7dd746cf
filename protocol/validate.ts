// Checks a value against a schema and names every mistake at once, in plain words.
import type { ErrorObject } from 'ajv';
import { compileSchema } from './compile-schema.ts';
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

/** Compiles `schema`, which has this name among ours. Throws on a schema that is itself wrong (a bug of ours). */
export function compileCheck(name: string, schema: ObjectSchema): Check {
  const validate = compileSchema(name, schema);
  return (value) => (validate(value) ? [] : onePerValue(validate.errors ?? []).map(toMistake));
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

/** A wrong value breaks several rules, and a mistyped name is unknown and missing: each is one mistake. */
function onePerValue(errors: readonly ErrorObject[]): ErrorObject[] {
  const told = new Set<string>();
  const meant = new Set(errors.map((error) => `${error.instancePath}/${nearestKnown(error) ?? ''}`));
  // A list of what is allowed says more than the type does.
  const ordered = errors.toSorted((a, b) => Number(b.keyword === 'enum') - Number(a.keyword === 'enum'));
  const kept = ordered.filter((error) => {
    if (error.keyword === 'required') return !meant.has(`${error.instancePath}/${missing(error)}`);
    if (error.keyword === 'additionalProperties') return true;
    if (told.has(error.instancePath)) return false;
    told.add(error.instancePath);
    return true;
  });
  const all = new Set(kept);
  return errors.filter((error) => all.has(error));
}

function toMistake(error: ErrorObject): Mistake {
  const path = pointerParts(error.instancePath);
  const described: unknown = error.parentSchema?.['description'];
  const meaning = typeof described === 'string' ? ` (${described})` : '';
  const value = (message: string): Mistake => ({ path, atName: false, message: `${message}${meaning}` });
  switch (error.keyword) {
    case 'required':
      return { path, atName: false, message: `"${missing(error)}" is missing` };
    case 'additionalProperties': {
      const nearest = nearestKnown(error);
      const advice = nearest === undefined ? knownText(knownNames(error)) : `did you mean "${nearest}"?`;
      return { path: [...path, unknown(error)], atName: true, message: `unknown field; ${advice}` };
    }
    case 'type':
      return value(wrongType(String(error.params['type']), error.data));
    case 'enum': {
      const values: unknown = error.params['allowedValues'];
      const allowed = Array.isArray(values) ? values.map((one) => `"${String(one)}"`) : [];
      return { path, atName: false, message: `must be one of ${allowed.join(', ')}` };
    }
    case 'minLength':
      return value('must not be empty');
    case 'minItems':
      return value('must not be empty');
    case 'pattern':
      return value(`must be ${String(error.parentSchema?.['form'] ?? 'of another form')}`);
    case 'minimum':
    case 'maximum':
      return value(`must be ${boundsText(error.parentSchema)}`);
    default:
      return value(error.message ?? error.keyword);
  }
}

const typeWords: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  object: 'an object',
  array: 'a list',
};

function wrongType(type: string, data: unknown): string {
  const wanted = typeWords[type] ?? `a ${type}`;
  if (data === null) return `has no value; it must be ${wanted}`;
  if (type === 'array' && typeof data === 'string' && data.length < 100)
    return `must be a list: [${JSON.stringify(data)}]`;
  if (type === 'string' && isPair(data))
    return 'must be a text: put it in quotes, since the ": " in it makes it an object';
  const isBare = type === 'string' && (typeof data === 'number' || typeof data === 'boolean');
  return `must be ${wanted}${isBare ? ': put it in quotes' : ''}`;
}

/** What `echo a: b` is to YAML without quotes. */
function isPair(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const values: unknown[] = Object.values(data);
  return values.length === 1 && (typeof values[0] !== 'object' || values[0] === null);
}

function boundsText(schema: ErrorObject['parentSchema']): string {
  const { minimum, maximum } = schema ?? {};
  if (maximum === undefined) return `${String(minimum)} or more`;
  return minimum === undefined
    ? `${String(maximum)} or less`
    : `from ${String(minimum)} to ${String(maximum)}`;
}

function missing(error: ErrorObject): string {
  return String(error.params['missingProperty']);
}

function unknown(error: ErrorObject): string {
  return String(error.params['additionalProperty']);
}

function knownNames(error: ErrorObject): string[] {
  return Object.keys(Object(error.parentSchema?.['properties']));
}

/** The known name that an unknown one was probably meant to be. */
function nearestKnown(error: ErrorObject): string | undefined {
  return error.keyword === 'additionalProperties'
    ? nearestName(unknown(error), knownNames(error))
    : undefined;
}

function knownText(names: readonly string[]): string {
  return names.length === 0 ? 'there are no fields' : `known fields: ${names.join(', ')}`;
}

function pointerParts(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
