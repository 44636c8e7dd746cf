// What a channel has still to send: names of what changed, or that everything has to be looked at.
import { join } from 'node:path';
import type { Change } from './changed-files.ts';

export interface Pending {
  /** Notes what changed; without it, that anything may have. */
  note(change?: Change): void;
  /** How many paths are pending by their names. */
  count(): number;
  /** Whether anything is pending that has a name. */
  hasNames(): boolean;
  /** Whether everything is to be looked at. */
  isEverything(): boolean;
  /** What the next attempt is to do: names go first, but never twice in a row while everything is to be looked at. */
  next(): 'names' | 'everything';
  /** The names, which are not pending any more. */
  takeNames(): Change[];
  /** Nothing is pending any more. */
  takeEverything(): void;
}

/** Past some dozens of names a pass over everything is faster. */
export const mostNames = 64;

export function createPending(): Pending {
  const names = new Map<string, Change>();
  let isEverything = true;
  let wereNamesLast = false;
  return {
    note(change) {
      if (change === undefined) isEverything = true;
      else names.set(`${change.path}\0${change.child ?? ''}`, change);
      if (names.size <= mostNames) return;
      names.clear();
      isEverything = true;
    },
    count: () =>
      new Set([...names.values()].map(({ path, child }) => (child === undefined ? path : join(path, child))))
        .size,
    hasNames: () => names.size > 0,
    isEverything: () => isEverything,
    next: () => (names.size === 0 || (isEverything && wereNamesLast) ? 'everything' : 'names'),
    takeNames() {
      const taken = [...names.values()];
      names.clear();
      wereNamesLast = true;
      return taken;
    },
    takeEverything() {
      names.clear();
      isEverything = false;
      wereNamesLast = false;
    },
  };
}
