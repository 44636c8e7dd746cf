// What a run of rsync has moved, by what it prints with --stats.
import type { Moved } from './tally.ts';

/** Nothing, if the text does not tell. */
export function movedBy(stdout: string): Moved {
  const numberAfter = (label: RegExp): number => numberIn(stdout, label);
  // Told since rsync 3.1.
  const deleted = numberAfter(/^Number of deleted files: ([\d.,]+)/m);
  return {
    ...(deleted > 0 && { deleted }),
    files: numberAfter(/^Number of (?:regular )?files transferred: ([\d.,]+)/m),
    bytes: numberAfter(/^Total transferred file size: ([\d.,]+)/m),
  };
}

/** What lay in the source and is of a kind that no channel carries, in words; told since rsync 3.1. */
export function leftOutBy(stdout: string): string | undefined {
  const kinds = /^Number of files: .*\((.*)\)/m.exec(stdout)?.[1] ?? '';
  const count = numberIn(kinds, /\bspecial: ([\d.,]+)/) + numberIn(kinds, /\bdev: ([\d.,]+)/);
  if (count === 0) return undefined;
  const things = count === 1 ? 'one thing that is' : `${count} things that are`;
  return `${things} no file, folder or link (a pipe, socket or device) in the source: not carried`;
}

function numberIn(text: string, label: RegExp): number {
  return Number(label.exec(text)?.[1]?.replaceAll(/[.,]/g, '') ?? 0);
}
