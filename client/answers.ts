// Reads answers to questions: from the person at the terminal, or from the lines of a pipe or a file.
import { createInterface } from 'node:readline';
import { PortalError } from '../protocol/errors.ts';
import { visibleText } from '../protocol/visible-text.ts';
import { Interruption } from './interruption.ts';

export interface Answers {
  /**
   * The next answer, without blanks around it. Rejects once there is none: for Ctrl-C with an Interruption, else with PortalError
   * `cancelled`.
   */
  ask(question: string): Promise<string>;
  close(): void;
}

/** How long to wait for a line from a pipe that stays open. */
const patienceMs = 60_000;
const mostEarly = 100;

/** Begins to read standard input. `otherwise` is what a missing answer means, as a message. */
export function startAnswers(otherwise: string): Answers {
  const isPerson = process.stdin.isTTY;
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    ...(!isPerson && { terminal: false }),
  });
  /** Lines that came before they were asked for. */
  const early: string[] = [];
  let waiting: PromiseWithResolvers<string> | undefined;
  let ended: PortalError | undefined;
  const end = (reason: PortalError): void => {
    ended ??= reason;
    // What is said next begins a line of its own.
    if (waiting !== undefined) process.stdout.write('\n');
    waiting?.reject(ended);
    waiting = undefined;
  };
  lines.on('line', (line) => {
    if (waiting !== undefined) waiting.resolve(line);
    // `yes` never ends.
    else if (early.push(line) >= mostEarly) lines.pause();
    waiting = undefined;
  });
  lines.once('SIGINT', () => {
    end(new Interruption(otherwise));
    lines.close();
  });
  lines.once('close', () => end(new PortalError('cancelled', otherwise)));
  return {
    async ask(question) {
      const text = visibleText(question);
      if (isPerson) {
        lines.setPrompt(text);
        lines.prompt();
      } else process.stdout.write(`${text}\n`);
      const line = early.shift();
      if (line !== undefined) return line.trim();
      if (ended !== undefined) throw ended;
      waiting = Promise.withResolvers<string>();
      lines.resume();
      const timer = isPerson ? undefined : setTimeout(() => lines.close(), patienceMs);
      return (await waiting.promise.finally(() => clearTimeout(timer))).trim();
    },
    close: () => lines.close(),
  };
}
