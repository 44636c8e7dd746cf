// A question to the person at the terminal.
import { createInterface } from 'node:readline';
import { PortalError } from '../protocol/errors.ts';
import { visibleText } from '../protocol/visible-text.ts';
import { Interruption } from './interruption.ts';

/** Whether there is somebody to ask: input and output are both a terminal. */
export function canAsk(output: { readonly terminal: boolean }): boolean {
  return output.terminal && process.stdin.isTTY;
}

/**
 * Asks on the terminal; resolves for a yes. Whatever else is a no (Ctrl-D too): rejects with PortalError `cancelled` and the
 * message `otherwise`; for Ctrl-C with an Interruption.
 */
export function confirmed(question: string, otherwise: string): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((resolve, reject) => {
    const leave = (reason: PortalError): void => {
      // What is said next begins a line of its own.
      process.stdout.write('\n');
      reject(reason);
      lines.close();
    };
    const closed = (): void => leave(new PortalError('cancelled', otherwise));
    lines.once('close', closed);
    lines.once('SIGINT', () => {
      lines.off('close', closed);
      leave(new Interruption(otherwise));
    });
    lines.question(`${visibleText(question)} [y/N] `, (answer) => {
      lines.off('close', closed);
      if (/^y(es)?$/i.test(answer.trim())) resolve();
      else reject(new PortalError('cancelled', otherwise));
      lines.close();
    });
  });
}
