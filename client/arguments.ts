// Cuts the command line into flags and arguments. Every option of portalctl is a flag: none takes a value.
import { PortalError } from '../protocol/errors.ts';
import { nearestName } from '../protocol/nearest-name.ts';
import type { Command } from './command.ts';

export interface Arguments {
  /** Flags without dashes; `-h` reads as `help`. */
  readonly flags: readonly string[];
  readonly positionals: readonly string[];
}

/** Cuts `argv`; what follows `--` is taken as it is. */
export function parseArguments(argv: readonly string[]): Arguments {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  return {
    flags: options
      .filter(isFlag)
      .map((argument) => (argument === '-h' ? 'help' : argument.replace(/^--(?=[^-])/, ''))),
    positionals: [
      ...options.filter((argument) => !isFlag(argument)),
      ...(end < 0 ? [] : argv.slice(end + 1)),
    ],
  };
}

function isFlag(argument: string): boolean {
  return argument.startsWith('-') && argument !== '-';
}

/** Refuses flags that `known` does not have, by PortalError `usage` with the nearest name. */
export function checkFlags(flags: readonly string[], known: readonly string[], help: string): void {
  for (const flag of flags) {
    if (known.includes(flag)) continue;
    const given = flag.startsWith('-') ? flag : `--${flag}`;
    const [name = ''] = flag.split('=', 1);
    if (known.includes(name)) throw usageError(`the option --${name} takes no value`, help);
    const nearest = nearestName(name.replace(/^-+/, ''), known);
    throw usageError(
      `unknown option "${given}"${nearest === undefined ? '' : `; did you mean --${nearest}?`}`,
      help,
    );
  }
}

/** Refuses too few or too many arguments, by PortalError `usage`. */
export function checkCount(positionals: readonly string[], { argumentCount, usage }: Command): void {
  const [least, most] = argumentCount;
  const help = `usage: portalctl ${usage}`;
  if (positionals.length < least) throw usageError('the name of a portal is missing', help);
  const extra = positionals[most];
  if (extra !== undefined) throw usageError(`unexpected argument "${extra}"`, help);
}

/** An error of use; `hint` says what is right. */
export function usageError(message: string, hint: string): PortalError {
  return new PortalError('usage', message, { hint });
}
