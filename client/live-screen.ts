// A terminal's whole screen, drawn again and again, and given back as it was, whatever ends the program.
import { constants } from 'node:os';
import { type Piece, styledText } from './output.ts';

type Line = readonly Piece[];

export interface LiveScreen {
  /** Replaces what is shown; what does not fit is left out. */
  show(lines: readonly Line[]): void;
  /** Resolves when the person wants to leave, or the terminal is gone. */
  readonly left: Promise<void>;
  /** Gives the terminal back. Idempotent. */
  close(): void;
}

// The alternate screen, no cursor, and long lines cut by the terminal rather than wrapped.
const enter = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';
// Ctrl-C and Ctrl-D are typed, as the terminal makes no signals of them now.
const leavingKeys = ['q', 'Q', '\x03', '\x04'];
const footer: Line = [{ text: 'q or Ctrl-C leaves', style: 'dim' }];

/** Takes the process's own terminal: stdin and stdout must be one. */
export function openLiveScreen(colours: boolean): LiveScreen {
  const { stdin, stdout } = process;
  const { promise: left, resolve: goAway } = Promise.withResolvers<void>();
  let shown: readonly Line[] = [];
  let isOpen = true;

  const draw = (): void => {
    // Some terminals say that they are 0 columns wide.
    const columns = stdout.columns > 0 ? stdout.columns : 80;
    const rows = stdout.rows > 1 ? stdout.rows : 24;
    const room = rows - 1;
    const cut =
      shown.length > room
        ? [...shown.slice(0, room - 1), [`… ${shown.length - room + 1} more lines`]]
        : shown;
    const filled = [...cut, ...Array.from({ length: room - cut.length }, (): Line => [])];
    const text = [...filled, footer]
      .map((line) => `\x1b[2K${styledText(line, colours, columns)}`)
      .join('\r\n');
    stdout.write(`\x1b[H${text}\x1b[J`);
  };
  const take = (): void => {
    stdin.setRawMode(true);
    stdout.write(enter);
    draw();
  };
  const typed = (bytes: Buffer): void => {
    if (leavingKeys.some((key) => bytes.includes(key))) goAway();
  };
  const ends = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  const endedBy = (signal: (typeof ends)[number]): void => {
    process.exit(128 + constants.signals[signal]);
  };
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    for (const signal of ends) process.off(signal, endedBy);
    process.off('SIGINT', goAway).off('SIGCONT', take).off('exit', close);
    stdout.off('resize', draw);
    stdin.off('data', typed).off('end', goAway).off('error', goAway);
    stdin.pause();
    // The terminal may be gone.
    if (!stdin.destroyed) stdin.setRawMode(false);
    stdout.write(leave);
  };
  process.on('exit', close).on('SIGINT', goAway).on('SIGCONT', take);
  for (const signal of ends) process.on(signal, endedBy);
  stdin.on('data', typed).on('end', goAway).on('error', goAway);
  stdout.on('resize', draw);
  take();
  return {
    show(lines) {
      shown = lines;
      if (isOpen) draw();
    },
    left,
    close,
  };
}
