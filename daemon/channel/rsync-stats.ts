// What a run of rsync has moved, by what it prints with --stats.
import type { Moved } from './tally.ts';

/** Nothing, if the text does not tell. */
export function movedBy(stdout: string): Moved {
  const numberAfter = (label: RegExp): number =>
    Number(label.exec(stdout)?.[1]?.replaceAll(/[.,]/g, '') ?? 0);
  return {
    files: numberAfter(/^Number of (?:regular )?files transferred: ([\d.,]+)/m),
    bytes: numberAfter(/^Total transferred file size: ([\d.,]+)/m),
  };
}
