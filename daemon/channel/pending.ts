// What a channel has still to send: names of what changed, paths that rsync has to compare, or that everything has to be.
import { dirname, join } from 'node:path';
import type { Change } from './changed-files.ts';

export interface Pending {
  /** Notes what changed; without it, that anything may have. */
  note(change?: Change): void;
  /** Notes paths that rsync has to compare by itself, with what is in them. */
  noteCompared(paths: readonly string[]): void;
  /** How many paths are pending by their names. */
  count(): number;
  /** Whether anything is pending that has a name. */
  hasNames(): boolean;
  /** Whether everything is to be looked at. */
  isEverything(): boolean;
  /** What the next attempt is to do: names go first, but never twice in a row while something is to be compared. */
  next(): 'names' | 'compared' | 'everything';
  /** Whether anything is to be compared. */
  isPassNeeded(): boolean;
  /** The names, which are not pending any more. */
  takeNames(): Change[];
  /**
   * The paths to compare, without those that lie in another, which are not pending any more; undefined for everything, after
   * which nothing is pending any more.
   */
  takeCompared(what: 'compared' | 'everything'): string[] | undefined;
}

/** Past some dozens of names rsync is faster when it compares the folders that they lie in; past some of these, everything. */
export const mostNames = 64;
const mostFolders = 32;

export function createPending(): Pending {
  const names = new Map<string, Change>();
  const compared = new Set<string>();
  let isEverything = true;
  let wereNamesLast = false;
  const isPassNeeded = (): boolean => isEverything || compared.size > 0;
  return {
    note(change) {
      if (change === undefined) isEverything = true;
      else names.set(`${change.path}\0${change.child ?? ''}`, change);
      if (names.size <= mostNames) return;
      const folders = new Set([...names.values()].map(folderOf));
      names.clear();
      if (folders.has('.') || folders.size > mostFolders) isEverything = true;
      else for (const path of folders) names.set(`${path}\0`, { path });
    },
    noteCompared(paths) {
      for (const path of paths) compared.add(path);
    },
    count: () =>
      new Set([
        ...compared,
        ...[...names.values()].map(({ path, child }) => (child === undefined ? path : join(path, child))),
      ]).size,
    hasNames: () => names.size > 0,
    isEverything: () => isEverything,
    isPassNeeded,
    next() {
      if (names.size > 0 && !(isPassNeeded() && wereNamesLast)) return 'names';
      return isEverything || compared.size === 0 ? 'everything' : 'compared';
    },
    takeNames() {
      const taken = [...names.values()];
      names.clear();
      wereNamesLast = true;
      return taken;
    },
    takeCompared(what) {
      const taken = [...compared].filter((path) => !isInAnother(path, compared));
      compared.clear();
      wereNamesLast = false;
      if (what === 'compared') return taken;
      names.clear();
      isEverything = false;
      return undefined;
    },
  };
}

/** Relative to the source, which is '.'. */
function folderOf({ path, child }: Change): string {
  return child === undefined ? dirname(path) : path || '.';
}

function isInAnother(path: string, others: ReadonlySet<string>): boolean {
  const folder = dirname(path);
  return folder !== path && folder !== '.' && (others.has(folder) || isInAnother(folder, others));
}
