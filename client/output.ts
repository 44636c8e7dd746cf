// Everything portalctl prints goes through here: made visible, coloured only for a terminal, JSON when asked.
import { visibleJson, visibleText } from '../protocol/visible-text.ts';

const styles = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, dim: 2, bold: 1 } as const;
export type Style = keyof typeof styles;

/** Text as it is, or in a style. */
export type Piece = string | { readonly text: string; readonly style: Style };

/** The part of a process stream that is needed. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Output {
  /** True when the user asked for JSON: then `line` and `status` print nothing. */
  readonly json: boolean;
  /** Whether a person looks at stdout. */
  readonly terminal: boolean;
  /** How wide stdout is: a terminal's columns, else 80. */
  columns(): number;
  /** One line on stdout, control characters made visible. */
  line(...pieces: readonly Piece[]): void;
  /** Our own text of several lines on stdout, as it is. */
  text(text: string): void;
  /** Replaces the last line of a terminal; nothing elsewhere. Undefined removes it. */
  status(text: string | undefined): void;
  /** One JSON document on one line of stdout. */
  value(value: unknown): void;
  /** One line on stderr, control characters made visible. */
  complain(...pieces: readonly Piece[]): void;
  /** Our own text of several lines on stderr, as it is. */
  complainText(text: string): void;
}

export interface OutputOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly json: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Whether a terminal is to be coloured. */
export function wantsColours(environment: OutputOptions['environment']): boolean {
  return (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
}

/** Pieces as a terminal takes them, control characters made visible; cut after `columns` characters. */
export function styledText(
  pieces: readonly Piece[],
  colours: boolean,
  columns = Number.POSITIVE_INFINITY,
): string {
  let left = columns;
  return pieces
    .map((piece) => {
      const whole = Array.from(visibleText(typeof piece === 'string' ? piece : piece.text));
      const text = whole.slice(0, left).join('');
      left -= Math.min(left, whole.length);
      return typeof piece === 'string' || !colours ? text : `\x1b[${styles[piece.style]}m${text}\x1b[0m`;
    })
    .join('');
}

/** Makes the output of one run. */
export function createOutput({ stdout, stderr, json, environment }: OutputOptions): Output {
  const colours = wantsColours(environment);
  const terminal = stdout.isTTY === true && !json;
  let statusShown = false;

  const render = (stream: OutputStream, pieces: readonly Piece[]): string =>
    styledText(pieces, stream.isTTY === true && colours);
  const clearStatus = (): void => {
    if (statusShown) stdout.write('\r\x1b[K');
    statusShown = false;
  };
  const print = (stream: OutputStream, text: string): void => {
    clearStatus();
    stream.write(text);
  };
  // Some terminals say that they are 0 columns wide.
  const columns = (): number => (stdout.columns === undefined || stdout.columns < 10 ? 80 : stdout.columns);
  return {
    json,
    terminal,
    columns,
    line(...pieces) {
      if (!json) print(stdout, `${render(stdout, pieces)}\n`);
    },
    text: (text) => print(stdout, text),
    status(text) {
      if (!terminal || environment['TERM'] === 'dumb') return;
      clearStatus();
      if (text === undefined) return;
      // A line that wraps could not be replaced.
      stdout.write(visibleText(text).slice(0, columns() - 1));
      statusShown = true;
    },
    value: (value) => print(stdout, `${visibleJson(value)}\n`),
    complain: (...pieces) => print(stderr, `${render(stderr, pieces)}\n`),
    complainText: (text) => print(stderr, text),
  };
}
