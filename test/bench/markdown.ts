// Tables in Markdown, a line at a time, so that a long run shows what it has.

/** A heading and the line below it. */
export function printHead(cells: readonly string[]): void {
  process.stdout.write('\n');
  printRow(cells);
  process.stdout.write(`|${'---|'.repeat(cells.length)}\n`);
}

export function printRow(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

/** Seconds with two digits; `lost` when it never happened. */
export function seconds(ms: number): string {
  return Number.isFinite(ms) ? (ms / 1000).toFixed(2) : 'lost';
}

export function milliseconds(ms: number): string {
  return Number.isFinite(ms) ? ms.toFixed(1) : 'lost';
}
