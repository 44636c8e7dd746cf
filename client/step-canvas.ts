// A field of characters to draw steps on: braille dots, two by four in a character, or letters where there is only ASCII.

export interface Canvas {
  /** How many points lie beside and above each other. */
  readonly pointsWide: number;
  readonly pointsHigh: number;
  /** Sets a point for a line; `x` from the left, `y` from the top. */
  set(x: number, y: number, line: number): void;
  /** The characters of a row, each with the line that was drawn there last. */
  row(index: number): readonly { readonly text: string; readonly line: number | undefined }[];
}

/** Bits of the dots of a braille character, by column, from the top. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** `marks`: the letter of each line, drawn when there is no braille. */
export function createCanvas(
  columns: number,
  rows: number,
  marks: readonly string[],
  isUnicode: boolean,
): Canvas {
  const [wide, high] = isUnicode ? [2, 4] : [1, 1];
  const bits = new Uint8Array(columns * rows);
  const owners = new Int16Array(columns * rows).fill(-1);
  return {
    pointsWide: columns * wide,
    pointsHigh: rows * high,
    set(x, y, line) {
      const cell = Math.floor(y / high) * columns + Math.floor(x / wide);
      bits[cell] = (bits[cell] ?? 0) | (dots[x % wide]?.[y % high] ?? 0);
      owners[cell] = line;
    },
    row: (index) =>
      Array.from({ length: columns }, (_, column) => {
        const cell = index * columns + column;
        const line = owners[cell] ?? -1;
        if (line < 0) return { text: ' ', line: undefined };
        const text = isUnicode ? String.fromCodePoint(0x2800 + (bits[cell] ?? 0)) : (marks[line] ?? '*');
        return { text, line };
      }),
  };
}
