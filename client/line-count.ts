// The option --lines of what tells the latest of something.
import { usageError } from './arguments.ts';

/** How many of the latest to tell; `fallback` without the option. Throws PortalError `usage`. */
export function lineCount(values: ReadonlyMap<string, readonly string[]>, fallback: number): number {
  const text = values.get('lines')?.[0];
  if (text === undefined) return fallback;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usageError(`--lines ${text} is no number of lines`, 'a number from 0 to 999999');
}
