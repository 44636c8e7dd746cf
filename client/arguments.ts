// Cuts the command line into options and arguments, by what the command takes; refuses what it does not.
import { PortalError } from '../protocol/errors.ts';
import { nearestName } from '../protocol/nearest-name.ts';
import type { Command } from './command.ts';
import type { OptionTable } from './option-table.ts';

export interface Arguments {
  /** Flags without dashes; `-h` reads as `help`. */
  readonly flags: ReadonlySet<string>;
  /** Values by option, in the order given. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
  /** What followed `--`; undefined without one. */
  readonly rest: readonly string[] | undefined;
}

/** The command's name: the first word that is no option. None of ours takes a value before it. */
export function commandName(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).find((word) => !isOption(word));
}

/** Whether a flag stands before `--`, whatever command it is for. */
export function hasFlag(argv: readonly string[], ...words: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => words.includes(word));
}

/**
 * Cuts `argv`. Refuses an option that `table` does not have, with the nearest name, a missing or an unwanted value, and
 * a second value: PortalError `usage`; `help` is its hint.
 */
export function parseArguments(argv: readonly string[], table: OptionTable, help: string): Arguments {
  const known = { flags: [...table.flags, 'json', 'help'], values: table.values ?? [] };
  const letters = { h: 'help', ...table.letters };
  // Not by `import`, which loads all that node:util exports: a seventh of the time of `portalctl --help`.
  const { tokens } = process.getBuiltinModule('node:util').parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [...known.flags, ...known.values].map((name) => {
        const short = Object.entries(letters).find(([, long]) => long === name)?.[0];
        const type = known.values.includes(name) ? 'string' : 'boolean';
        return [name, { type, ...(short !== undefined && { short }) }] as const;
      }),
    ),
  });
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  let rest: string[] | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') rest = [];
    else if (token.kind === 'positional') (rest ?? positionals).push(token.value);
    else if (known.values.includes(token.name)) {
      const isMissing = token.value === undefined || (!token.inlineValue && isOption(token.value));
      if (isMissing) throw usageError(`the option ${token.rawName} needs a value`, help);
      const before = values.get(token.name) ?? [];
      if (before.length > 0 && table.repeatable?.includes(token.name) !== true)
        throw usageError(`the option ${token.rawName} is given twice`, help);
      checkChoice(token.rawName, token.value ?? '', table.choices?.[token.name]);
      values.set(token.name, [...before, token.value ?? '']);
    } else if (!known.flags.includes(token.name)) {
      throw unknownOption(token.rawName, [...known.flags, ...known.values], help);
    } else if (token.value === undefined) flags.add(token.name);
    else throw usageError(`the option ${token.rawName} takes no value`, help);
  }
  return { flags, values, positionals, rest };
}

function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}

function checkChoice(option: string, value: string, choices: readonly string[] | undefined): void {
  if (choices === undefined || choices.includes(value)) return;
  const nearest = nearestName(value, choices);
  const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  throw usageError(
    `the option ${option} does not take "${value}"${advice}`,
    `it takes ${choices.join(', ')}`,
  );
}

function unknownOption(given: string, known: readonly string[], help: string): PortalError {
  const nearest = nearestName(given.replace(/^-+/, ''), known);
  const advice = nearest === undefined ? '' : `; did you mean --${nearest}?`;
  return usageError(`unknown option "${given}"${advice}`, help);
}

/** Refuses too few or too many arguments, by PortalError `usage`. */
export function checkCount(positionals: readonly string[], { argumentCount, usage, missing }: Command): void {
  const [least, most] = argumentCount;
  const help = `usage: portalctl ${usage}`;
  if (positionals.length < least) throw usageError(`${missing ?? 'the name of a portal'} is missing`, help);
  const extra = positionals[most];
  if (extra !== undefined) throw usageError(`unexpected argument "${extra}"`, help);
}

/** An error of use; `hint` says what is right. */
export function usageError(message: string, hint: string): PortalError {
  return new PortalError('usage', message, { hint });
}
