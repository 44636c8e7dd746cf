// Asks for a confirmation, and tells whether an answer can come at all.
import { fstatSync } from 'node:fs';
import { PortalError } from '../protocol/errors.ts';
import { startAnswers } from './answers.ts';

/** Whether there is a person to ask: input and output are both a terminal. */
export function canAsk(output: { readonly terminal: boolean }): boolean {
  return output.terminal && process.stdin.isTTY;
}

/** Whether answers can come: from a person, or by a pipe or file. In JSON there is no place for questions. */
export function canAnswer(output: { readonly terminal: boolean; readonly json: boolean }): boolean {
  return canAsk(output) || (!output.json && isPiped());
}

/**
 * Asks; resolves for a yes. Whatever else is a no (Ctrl-D and the end of a pipe, too): rejects with PortalError `cancelled` and
 * the message `otherwise`; for Ctrl-C with an Interruption.
 */
export async function confirmed(question: string, otherwise: string): Promise<void> {
  const answers = startAnswers(otherwise);
  try {
    const answer = await answers.ask(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer)) throw new PortalError('cancelled', otherwise);
  } finally {
    answers.close();
  }
}

function isPiped(): boolean {
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile();
  } catch {
    return false;
  }
}
