// A line of what is told about one thing: a name, then what it is.
import type { Piece } from './output.ts';

/** Indented, the name in a column of its own; without a name it goes on with the line before. */
export function field(name: string, text: string): readonly Piece[] {
  return [{ text: `  ${name.padEnd(14)}`, style: 'dim' }, text];
}

export function timesText(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
