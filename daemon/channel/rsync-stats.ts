// What a run of rsync has moved, by what it prints with --stats.
import { dirname } from 'node:path';
import { visibleText } from '../../protocol/visible-text.ts';
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

/** Folders that are gone from the source and that `--delete` left, since something excluded is in them, in words. */
export function leftBehindBy(stdout: string, direction: 'in' | 'out'): string | undefined {
  const all = [...stdout.matchAll(/^cannot delete non-empty directory: (.+)$/gm)].map(
    ([, name = '']) => name,
  );
  // One that is left keeps those that it lies in.
  const folders = [...new Set(all)].filter((name) => !all.includes(dirname(name))).toSorted();
  if (folders.length === 0) return undefined;
  const shown = visibleText(folders.slice(0, 3).join(', ').slice(0, 200));
  const more = folders.length > 3 ? ` and ${folders.length - 3} more` : '';
  const [gone, left] = direction === 'out' ? ['here', 'on the instance'] : ['on the instance', 'here'];
  return `gone ${gone}, and left ${left} since something that is excluded is in it: ${shown}${more}`;
}

function numberIn(text: string, label: RegExp): number {
  return Number(label.exec(text)?.[1]?.replaceAll(/[.,]/g, '') ?? 0);
}
