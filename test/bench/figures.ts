// From measured cases to a short table.
import type { Measured } from './scene.ts';

/** The value that `share` of the values do not exceed; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** One way of recovering, and what came of it. */
export interface Row {
  readonly name: string;
  readonly cases: readonly Measured[];
}

const kinds = [
  { title: 'the pool gives', refused: false },
  { title: 'the pool refuses', refused: true },
] as const;

const limitOf = (one: Measured): number => one.limitMs;
const blockedOf = (one: Measured): number => one.blockedMs;

/** A table in Markdown: the limit of the first way's cases, then a line for each way that has any. */
export function tableOf(rows: readonly Row[]): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const columns = kinds.flatMap(({ title }) => [`${title}: cases`, 'median', 'p99', '× limit']);
  const cellsOf = (cases: readonly Measured[], value: (one: Measured) => number): string[] =>
    kinds.flatMap(({ refused }) => {
      const values = cases.filter((one) => one.refused === refused).map(value);
      return [
        String(values.length),
        seconds(quantile(values, 0.5)),
        seconds(quantile(values, 0.99)),
        (medianOf(cases, refused, value) / medianOf(cases, refused, limitOf)).toFixed(2),
      ];
    });
  return [
    line(['nobody can write for', ...columns]),
    line(['', ...columns].map(() => '---')),
    line(["limit: the volume's own detach + attach", ...cellsOf(rows[0]?.cases ?? [], limitOf)]),
    ...rows
      .filter(({ cases }) => cases.length > 0)
      .map(({ name, cases }) => line([name, ...cellsOf(cases, blockedOf)])),
  ].join('\n');
}

/** How many times longer the median of `longer` is than that of `shorter`, for each kind of case, in a sentence. */
export function timesLonger(longer: Row, shorter: Row): string {
  const times = kinds.map(({ title, refused }) => {
    const factor = medianOf(longer.cases, refused, blockedOf) / medianOf(shorter.cases, refused, blockedOf);
    return `${factor.toFixed(1)} × where ${title}`;
  });
  return `${longer.name}: ${times.join(', ')}, compared with ${shorter.name}`;
}

function medianOf(cases: readonly Measured[], refused: boolean, value: (one: Measured) => number): number {
  return quantile(cases.filter((one) => one.refused === refused).map(value), 0.5);
}
