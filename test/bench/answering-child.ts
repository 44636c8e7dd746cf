// A measurement in a process of its own, which answers with one line of JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Runs a program of this folder until it has answered; rejects when it ends without. */
export async function answerOf<Answer>(
  program: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // The terminal's Ctrl-C is for us; this one ends with its input, in order.
    detached: true,
  });
  const exited = once(child, 'exit');
  const end = (): void => void child.stdin.end();
  signal.addEventListener('abort', end, { once: true });
  child.stdout.once('data', end);
  const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (said === '') throw new Error(complaint.trim().split('\n').slice(0, 8).join('\n'));
  return JSON.parse(said) as Answer;
}
