// What each test file took.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

export interface Figures {
  readonly file: string;
  readonly seconds: number;
  /** Its own and its children's, as far as they had ended. */
  readonly cpuSeconds: number;
}

/** As measure.ts wrote them down. */
export function readFigures(path: string): Figures[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Figures);
}

/** A table of the `count` slowest files and a line about all of them. */
export function slowestTable(figures: readonly Figures[], count: number, clone: string): string {
  const row = (seconds: number, cpuSeconds: number, what: string): string =>
    `${seconds.toFixed(1).padStart(8)}${cpuSeconds.toFixed(1).padStart(8)}  ${what}\n`;
  const sum = (pick: (one: Figures) => number): number => figures.reduce((all, one) => all + pick(one), 0);
  const slowest = figures.toSorted((left, right) => right.seconds - left.seconds).slice(0, count);
  return [
    ' seconds     CPU  file\n',
    ...slowest.map((one) => row(one.seconds, one.cpuSeconds, relative(clone, one.file))),
    row(
      sum((one) => one.seconds),
      sum((one) => one.cpuSeconds),
      `all ${figures.length} files`,
    ),
  ].join('');
}
