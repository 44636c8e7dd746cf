// From measured cases to a short table.
import type { Measured } from './scene.ts';

/** The value that `share` of the values do not exceed; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export interface Row {
  readonly name: string;
  readonly cases: readonly Measured[];
}

const kinds = [
  { title: 'pool gives', refused: false },
  { title: 'pool refuses', refused: true },
];

/** A table in Markdown; the first line is the limit of the first row's cases. */
export function tableOf(rows: readonly Row[]): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const columns = kinds.flatMap(({ title }) => [title, 'median', 'p99', '× limit']);
  const line = (name: string, cells: readonly string[]): string => `| ${[name, ...cells].join(' | ')} |`;
  const cellsOf = (cases: readonly Measured[], value: (one: Measured) => number): string[] =>
    kinds.flatMap(({ refused }) => {
      const some = cases.filter((one) => one.refused === refused);
      const median = quantile(some.map(value), 0.5);
      const limit = quantile(
        some.map((one) => one.limitMs),
        0.5,
      );
      return [
        String(some.length),
        seconds(median),
        seconds(quantile(some.map(value), 0.99)),
        (median / limit).toFixed(2),
      ];
    });
  return [
    line('cannot write', columns),
    `|${'---|'.repeat(columns.length + 1)}`,
    line(
      'limit: the volume’s own detach + attach',
      cellsOf(rows[0]?.cases ?? [], (one) => one.limitMs),
    ),
    ...rows.map(({ name, cases }) =>
      line(
        name,
        cellsOf(cases, (one) => one.blockedMs),
      ),
    ),
  ].join('\n');
}
