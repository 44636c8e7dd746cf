// How the demo speaks: chapters, commands as they would be typed, what they print, and how long after the start.

const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[22m` : text);
const dim = (text: string): string => (process.stdout.isTTY ? `\u001b[2m${text}\u001b[22m` : text);

export interface Narrator {
  chapter(title: string): void;
  say(text: string): void;
  command(text: string): void;
  /** Prints what a program prints, line by line, as it comes. */
  pass(stream: NodeJS.ReadableStream): void;
  table(rows: readonly (readonly [string, string])[]): void;
}

export function createNarrator(now: () => number): Narrator {
  const began = now();
  const line = (text: string): void => {
    const seconds = ((now() - began) / 1000).toFixed(1).padStart(5);
    process.stdout.write(`${dim(`${seconds} s`)}  ${text}\n`);
  };
  return {
    chapter: (title) => process.stdout.write(`\n${bold(title)}\n`),
    say: line,
    command: (text) => line(bold(`$ ${text}`)),
    pass(stream) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const one of lines) line(`  ${one}`);
      });
      stream.on('end', () => {
        if (rest !== '') line(`  ${rest}`);
      });
    },
    table(rows) {
      const width = Math.max(...rows.map(([name]) => name.length));
      process.stdout.write('\n');
      for (const [name, value] of rows) process.stdout.write(`  ${name.padEnd(width)}  ${value}\n`);
    },
  };
}
