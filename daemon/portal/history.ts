// What happened to a portal, told last: for people who ask why. Nothing is decided by it.
import type { Happening } from '../../protocol/portal-history.ts';

export interface History {
  add(happening: Happening): void;
  /** The latest with these after them, without adding them. */
  with(happenings: readonly Happening[]): readonly Happening[];
  /** The latest, oldest first. */
  entries(): readonly Happening[];
}

/** Enough for several moves; a record stays a few kilobytes. */
const kept = 50;

/** Goes on from what a record has; those of a time before there was a history have none. */
export function createHistory(recorded: readonly Happening[] = []): History {
  let entries = recorded;
  const after = (happenings: readonly Happening[]): readonly Happening[] =>
    [...entries, ...happenings].slice(-kept);
  return {
    add(happening) {
      entries = after([happening]);
    },
    with: after,
    entries: () => entries,
  };
}
