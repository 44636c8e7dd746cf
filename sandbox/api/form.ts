// The Query protocol's parameters: `Filter.1.Value.2=x` as a tree, and readers for what actions need of it.
import { Ec2Error } from './error.ts';

/** A parameter tree; lists are trees whose keys are 1, 2, 3, …. */
export type Form = { [key: string]: string | Form };

/** Builds the tree from the decoded pairs of a form body. */
export function formOf(pairs: Iterable<[string, string]>): Form {
  const root: Form = {};
  for (const [name, value] of pairs) {
    const steps = name.split('.');
    if (steps.includes('__proto__'))
      throw new Ec2Error('UnknownParameter', `The parameter ${name} is not recognized`);
    let at = root;
    for (const step of steps.slice(0, -1)) {
      const next = at[step];
      if (typeof next === 'object') at = next;
      else {
        const made: Form = {};
        at[step] = made;
        at = made;
      }
    }
    at[steps.at(-1) ?? ''] = value;
  }
  return root;
}

/** The text at a key, or undefined. */
export function textAt(form: Form, key: string): string | undefined {
  const value = form[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The text at a key. Throws MissingParameter without it. */
export function requiredText(form: Form, key: string): string {
  const value = textAt(form, key);
  if (value === undefined)
    throw new Ec2Error('MissingParameter', `The request must contain the parameter ${key}`);
  return value;
}

/** The whole number at a key, or undefined. Throws InvalidParameterValue for anything else. */
export function numberAt(form: Form, key: string): number | undefined {
  const value = textAt(form, key);
  if (value === undefined) return undefined;
  if (!/^-?\d+$/.test(value)) {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${value}) for parameter ${key} is invalid. Not an integer.`,
    );
  }
  return Number(value);
}

/** The truth at a key, or undefined. Throws InvalidParameterValue for anything else. */
export function flagAt(form: Form, key: string): boolean | undefined {
  const value = textAt(form, key);
  if (value === undefined) return undefined;
  if (value !== 'true' && value !== 'false') {
    throw new Ec2Error(
      'InvalidParameterValue',
      `Invalid value '${value}' for ${key}. Must be true or false.`,
    );
  }
  return value === 'true';
}

/** The time at a key in milliseconds, or undefined. Throws InvalidParameterValue for anything else. */
export function timeAt(form: Form, key: string): number | undefined {
  const value = textAt(form, key);
  if (value === undefined) return undefined;
  const ms = Date.parse(value);
  if (Number.isNaN(ms))
    throw new Ec2Error('InvalidParameterValue', `Value (${value}) for parameter ${key} is not a time.`);
  return ms;
}

/** The tree at a key; empty if there is none. */
export function treeAt(form: Form, key: string): Form {
  const value = form[key];
  return typeof value === 'object' ? value : {};
}

/** The entries of the list at a key, in order. */
export function listAt(form: Form, key: string): (string | Form)[] {
  const list = treeAt(form, key);
  return Object.keys(list)
    .toSorted((left, right) => Number(left) - Number(right))
    .flatMap((index) => list[index] ?? []);
}

/** The texts of the list at a key. */
export function textsAt(form: Form, key: string): string[] {
  return listAt(form, key).filter((entry) => typeof entry === 'string');
}

/** The trees of the list at a key. */
export function treesAt(form: Form, key: string): Form[] {
  return listAt(form, key).filter((entry) => typeof entry === 'object');
}

/** Names of all leaves, with list indices written as `n`: `Filter.n.Value.n`. */
export function leafPatterns(form: Form, prefix = ''): string[] {
  return Object.entries(form).flatMap(([key, value]) => {
    const name = `${prefix}${/^\d+$/.test(key) ? 'n' : key}`;
    return typeof value === 'string' ? [name] : leafPatterns(value, `${name}.`);
  });
}
