// Random JSON as text, with the names that JavaScript gives a meaning of their own.
import type { Chance } from '../crash/chance.ts';

export const prototypeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
];

const leaves = ['null', 'true', 'false', '0', '-1', '1e999', '0.5', '""', '"gpu"', '"\\u0000\\u001b[2J"'];

/** A value; its members are called by `names` or by what has a meaning. */
export function randomJson(chance: Chance, names: readonly string[], depth = 4): string {
  if (depth === 0 || chance.below(3) === 0) return chance.pick(leaves);
  const members = Array.from({ length: chance.below(4) }, () => {
    const value = randomJson(chance, names, depth - 1);
    return { name: JSON.stringify(chance.pick([...names, ...prototypeNames])), value };
  });
  return chance.below(2) === 0
    ? `[${members.map(({ value }) => value).join(',')}]`
    : `{${members.map(({ name, value }) => `${name}:${value}`).join(',')}}`;
}

/** Nested so deep that no recursion would come back. */
export function deepJson(chance: Chance): string {
  const depth = 1000 + chance.below(100_000);
  return chance.below(2) === 0
    ? `${'['.repeat(depth)}${']'.repeat(depth)}`
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}
