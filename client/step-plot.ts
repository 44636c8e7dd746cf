// Prices over time as a plot of characters: steps, a scale of dollars on the left, dates below, the letter of each
// line where it ends. Lines differ in dashes and colour, or in letters where there is only ASCII.
import type { Piece, Style } from './output.ts';
import { timeTicks, type ValueScale, valueScale } from './plot-ticks.ts';
import type { PriceStep } from './price-steps.ts';
import { type Canvas, createCanvas } from './step-canvas.ts';

export interface PlotLine {
  /** One letter. */
  readonly mark: string;
  /** Its place among all lines of a set of plots: decides dashes and colour. */
  readonly place: number;
  readonly steps: readonly PriceStep[];
}

export interface PlotFrame {
  /** Columns of the whole plot. */
  readonly width: number;
  readonly isUnicode: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

const leastColumns = 16;
const aboutRows = 12;
const spaceOfDate = 9;

const styles: readonly Style[] = ['cyan', 'yellow', 'green', 'magenta', 'red', 'blue'];
/** Which points of a line are drawn, over and over. */
const dashes = ['1', '110', '10', '111100', '1000', '11110100'];

/** The lines of the plot, top to bottom; none is wider than the frame, if that has room for a plot at all. */
export function stepPlot(lines: readonly PlotLine[], frame: PlotFrame): Piece[][] {
  const prices = lines.flatMap((line) => line.steps.map((step) => step.dollars));
  const scale = valueScale(Math.min(...prices), Math.max(...prices));
  const rowsEach = Math.max(1, Math.round(aboutRows / scale.intervals));
  const rows = scale.intervals * rowsEach + 1;
  const signs = frame.isUnicode
    ? { tick: '┤', side: '│', corner: '└', floor: '─', date: '┬' }
    : { tick: '+', side: '|', corner: '+', floor: '-', date: '+' };
  const labels = Array.from({ length: rows }, (_, row) =>
    row % rowsEach === 0 ? scale.textAt(scale.intervals - row / rowsEach) : '',
  );
  const labelWidth = Math.max(...labels.map((one) => one.length));
  const columns = Math.max(leastColumns, frame.width - labelWidth - 2 - lines.length - 1);

  const marks = lines.map((line) => line.mark);
  const canvas = createCanvas(columns, rows, marks, frame.isUnicode);
  const ends = lines.map((line, index) => drawLine(canvas, line, index, scale, rows, frame));
  const body = labels.map((label, row): Piece[] => [
    { text: `${label.padStart(labelWidth)} ${label === '' ? signs.side : signs.tick}`, style: 'dim' },
    ...piecesOf(canvas.row(row), lines),
    ' ',
    ...lines
      .filter((_, index) => ends[index] === row)
      .map((line) => ({ text: line.mark, style: styleOf(line.place) })),
  ]);
  const { floor, dates } = dateLines(columns, frame, signs);
  return [
    ...body,
    [{ text: `${' '.repeat(labelWidth + 1)}${signs.corner}${floor}`, style: 'dim' }],
    [{ text: `${' '.repeat(labelWidth + 2)}${dates}`, style: 'dim' }],
  ];
}

/** How a line looks, for a legend. */
export function legendEntry(line: Pick<PlotLine, 'mark' | 'place'>, isUnicode: boolean): Piece {
  if (!isUnicode) return { text: line.mark, style: styleOf(line.place) };
  const canvas = createCanvas(4, 1, [], true);
  for (let x = 0; x < canvas.pointsWide; x++) if (isDrawn(line.place, x)) canvas.set(x, 1, 0);
  const sample = canvas.row(0).map((cell) => cell.text);
  return { text: `${line.mark} ${sample.join('')}`, style: styleOf(line.place) };
}

function styleOf(place: number): Style {
  return styles[place % styles.length] ?? 'cyan';
}

function isDrawn(place: number, point: number): boolean {
  const pattern = dashes[place % dashes.length] ?? '1';
  return pattern[point % pattern.length] === '1';
}

/** Draws the steps and returns the row in which they end. */
function drawLine(
  canvas: Canvas,
  { steps, place }: PlotLine,
  index: number,
  { low, high }: ValueScale,
  rows: number,
  { fromMs, toMs, isUnicode }: PlotFrame,
): number {
  const pointsEach = canvas.pointsHigh / rows;
  const xOf = (ms: number): number =>
    Math.round(((ms - fromMs) / Math.max(toMs - fromMs, 1)) * (canvas.pointsWide - 1));
  // A value of the scale lies in the middle of its row.
  const yOf = (dollars: number): number =>
    Math.round(((high - dollars) / (high - low)) * (rows - 1) * pointsEach) +
    Math.floor((pointsEach - 1) / 2);
  const dot = (x: number, y: number, along: number): void => {
    if (!isUnicode || isDrawn(place, along)) canvas.set(x, y, index);
  };
  let before: number | undefined;
  for (const step of steps) {
    const [x, end, y] = [xOf(step.fromMs), xOf(step.toMs), yOf(step.dollars)];
    if (before !== undefined)
      for (let at = Math.min(before, y); at <= Math.max(before, y); at++) dot(x, at, at);
    for (let at = x; at <= end; at++) dot(at, y, at);
    before = y;
  }
  return Math.floor((before ?? 0) / pointsEach);
}

/** Neighbours of the same line as one piece. */
function piecesOf(cells: ReturnType<Canvas['row']>, lines: readonly PlotLine[]): Piece[] {
  const pieces: { text: string; line: number | undefined }[] = [];
  for (const { text, line } of cells) {
    const last = pieces.at(-1);
    if (last !== undefined && last.line === line) last.text += text;
    else pieces.push({ text, line });
  }
  return pieces.map(({ text, line }) =>
    line === undefined ? text : { text, style: styleOf(lines[line]?.place ?? 0) },
  );
}

function dateLines(
  columns: number,
  { fromMs, toMs }: PlotFrame,
  signs: { readonly floor: string; readonly date: string },
): { floor: string; dates: string } {
  const floor = Array.from({ length: columns }, () => signs.floor);
  let dates = '';
  for (const { atMs, text } of timeTicks(fromMs, toMs, Math.floor(columns / spaceOfDate))) {
    const column = Math.round(((atMs - fromMs) / Math.max(toMs - fromMs, 1)) * (columns - 1));
    floor[column] = signs.date;
    const begin = Math.max(0, Math.min(column - Math.floor(text.length / 2), columns - text.length));
    if (begin > dates.length || dates === '') dates = dates.padEnd(begin) + text;
  }
  return { floor: floor.join(''), dates };
}
