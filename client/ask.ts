// A question to the person at the terminal.
import { createInterface } from 'node:readline';
import { visibleText } from '../protocol/visible-text.ts';

/** Whether there is somebody to ask: input and output are both a terminal. */
export function canAsk(output: { readonly terminal: boolean }): boolean {
  return output.terminal && process.stdin.isTTY;
}

/** Asks on the terminal; whatever is not a yes (Ctrl-C and Ctrl-D too) is a no. */
export function askedYes(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((resolve) => {
    const leave = (): void => {
      // What is said next begins a line of its own.
      process.stdout.write('\n');
      resolve(false);
    };
    lines.once('close', leave);
    lines.question(`${visibleText(question)} [y/N] `, (answer) => {
      lines.off('close', leave);
      resolve(/^y(es)?$/i.test(answer.trim()));
      lines.close();
    });
  });
}
