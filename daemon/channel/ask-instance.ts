// Runs a short script on the instance in a session of its own, and does not wait for ever for what it says.
import type { ChannelTransport } from '../portal/gateways.ts';
import { type ChildOptions, type ChildResult, runChild } from './child.ts';
import { mountCheck } from './mount-check.ts';

export interface Question {
  /** For `sh`; without single quotes. */
  readonly script: string;
  /** Its standard input. */
  readonly input: string;
  readonly limitMs: number;
}

/** Exit code for what took too long, as that of `timeout`. */
export const timedOut = 124;

/** Resolves once the session is gone; where it took too long, to a failure that says so. */
export async function askInstance(
  { command, destination, mounts }: ChannelTransport,
  { script, input, limitMs }: Question,
  { environment, signal }: Pick<ChildOptions, 'environment' | 'signal'>,
): Promise<ChildResult> {
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), limitMs);
  const words = [...command, '--', destination, `exec sh -c '${mountCheck(mounts)}${script}'`];
  const either = AbortSignal.any([signal, overdue.signal]);
  const result = await runChild(words, { environment, signal: either, input }).finally(() =>
    clearTimeout(timer),
  );
  if (result.code === 0 || signal.aborted || !overdue.signal.aborted) return result;
  return { ...result, code: timedOut, stderr: `no answer within ${limitMs / 1000} s` };
}
