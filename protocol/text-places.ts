// Lines and columns of a text, found without going through it again for each.

export interface TextPlaces {
  /** Line and column, both from 1, of what stands at `offset`. */
  at(offset: number): { readonly line: number; readonly column: number };
  /** The text of a line, without its end. */
  line(number: number): string;
}

/** Goes through `text` once. Only line feeds end a line. */
export function textPlaces(text: string): TextPlaces {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  const lineAt = (offset: number): number => {
    let [first, last] = [0, starts.length - 1];
    while (first < last) {
      const middle = Math.ceil((first + last) / 2);
      if ((starts[middle] ?? 0) <= offset) first = middle;
      else last = middle - 1;
    }
    return first;
  };
  return {
    at(offset) {
      const line = lineAt(offset);
      return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
    },
    line(number) {
      const next = starts[number];
      return text.slice(starts[number - 1] ?? text.length, next === undefined ? text.length : next - 1);
    },
  };
}
