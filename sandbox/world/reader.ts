// Small readers that check a parsed YAML or JSON value and give it its type. Unknown keys are refused.

/** Checks `value` found at `path`; throws a WorldError that names the path. */
export type Reader<T> = (value: unknown, path: string) => T;

/** A value in the world file or in a control request that is not what it should be. */
export class WorldError extends Error {}

function refuse(path: string, wanted: string): never {
  throw new WorldError(`${path || 'The document'} must be ${wanted}.`);
}

export const text: Reader<string> = (value, path) =>
  typeof value === 'string' && value !== '' ? value : refuse(path, 'a text that is not empty');

export const number: Reader<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? value
    : refuse(path, 'a number from 0 up');

export const flag: Reader<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, 'true or false');

/** One of the given words. */
export function oneOf<const T extends string>(...words: T[]): Reader<T> {
  return (value, path) => words.find((word) => word === value) ?? refuse(path, `one of: ${words.join(', ')}`);
}

/** The first reader that accepts the value; `wanted` says what would be right. */
export function either<A, B>(first: Reader<A>, second: Reader<B>, wanted: string): Reader<A | B> {
  return (value, path) => {
    for (const reader of [first, second]) {
      try {
        return reader(value, path);
      } catch (error) {
        if (!(error instanceof WorldError)) throw error;
      }
    }
    return refuse(path, wanted);
  };
}

/** A list of values. */
export function listOf<T>(item: Reader<T>): Reader<T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? value.map((entry, index) => item(entry, `${path}[${index}]`))
      : refuse(path, 'a list');
}

/** A mapping with free keys. */
export function recordOf<T>(item: Reader<T>): Reader<Record<string, T>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(mapping(value, path)).map(([key, entry]) => [key, item(entry, `${path}.${key}`)]),
    );
}

/** A value that may be left out; then it is `fallback`. */
export function optional<T, F>(reader: Reader<T>, fallback: F): Reader<T | F> {
  return (value, path) => (value === undefined || value === null ? fallback : reader(value, path));
}

/** A mapping with exactly these keys. */
export function object<Fields extends Record<string, Reader<unknown>>>(
  fields: Fields,
): Reader<{ [Key in keyof Fields]: ReturnType<Fields[Key]> }> {
  return (value, path) => {
    const given = mapping(value, path);
    const prefix = path ? `${path}.` : '';
    const unknown = Object.keys(given).find((key) => !Object.hasOwn(fields, key));
    if (unknown !== undefined) throw new WorldError(`${prefix}${unknown} is not a known key.`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are those of `fields`, one by one
    return Object.fromEntries(
      Object.entries(fields).map(([key, reader]) => [key, reader(given[key], `${prefix}${key}`)]),
    ) as { [Key in keyof Fields]: ReturnType<Fields[Key]> };
  };
}

function mapping(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(path, 'a mapping');
  return { ...value };
}
