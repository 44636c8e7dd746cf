// Whether a terminal of this environment shows more than ASCII.
import type { Environment } from '../protocol/paths.ts';

/** By the first of the variables that is set, as POSIX has it. */
export function isUtf8(environment: Environment): boolean {
  const name = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((one) => environment[one]).find((value) => value);
  return /utf-?8/i.test(name ?? '');
}
