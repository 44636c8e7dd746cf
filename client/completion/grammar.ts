// What may stand where on portalctl's command line, read from the commands themselves: their options, and the usage
// line that their help shows.
import type { Command, Commands } from '../command.ts';
import type { Listed } from './listed.ts';

/** What completes an argument: words as they are, the portals, the specifications of the folder, the commands. */
export type Slot =
  | { readonly words: readonly string[] }
  | 'portals'
  | 'specifications'
  | 'commands'
  | 'nothing';

/** Words as they are, or what is asked for when it is wanted. */
export type Choices = readonly string[] | Listed | 'instance-types';

export interface Grammar {
  readonly name: string;
  readonly summary: string;
  /** As typed: `--json`, `-f`. */
  readonly options: readonly string[];
  /** Options that take the next word, with what that may be. */
  readonly values: readonly { readonly option: string; readonly choices: Choices }[];
  /** What arguments after the first may be, by the first one. */
  readonly byFirst: Readonly<Record<string, readonly Listed[]>>;
  /** One for each argument; the last one for all that follow, if `repeats`. */
  readonly slots: readonly Slot[];
  readonly repeats: boolean;
}

export async function readGrammars(commands: Commands): Promise<Grammar[]> {
  return Promise.all(
    [...commands].map(async ([name, { summary, load }]) => readGrammar(name, summary, await load())),
  );
}

function readGrammar(name: string, summary: string, command: Command): Grammar {
  const { flags, values = [], letters = {}, choices = {}, suggestions = {}, usage } = command;
  const dashed = (option: string): string[] => [
    `--${option}`,
    ...Object.entries({ h: 'help', ...letters }).flatMap(([letter, long]) =>
      long === option ? [`-${letter}`] : [],
    ),
  ];
  const words = argumentWords(usage, values);
  return {
    name,
    summary,
    options: [...flags, ...values, 'json', 'help'].flatMap(dashed),
    values: values.flatMap((value) =>
      dashed(value).map((option) => ({ option, choices: choices[value] ?? suggestions[value] ?? [] })),
    ),
    byFirst: command.arguments ?? {},
    slots: words.map((word) => slotOf(word, command)),
    repeats: words.at(-1)?.includes('…') === true,
  };
}

/** `channel NAME [sync | pause] [-f|--field FIELD] [-- COMMAND…]` → `NAME`, `sync|pause`. */
function argumentWords(usage: string, values: readonly string[]): string[] {
  const [line = ''] = usage.replace(/^\S+/, '').split(' [-- ');
  const options = new RegExp(`--(?:${values.length === 0 ? '-' : values.join('|')})[ =]\\S+`, 'g');
  return line
    .replaceAll(options, '--')
    .replaceAll(/\s*\|\s*/g, '|')
    .replaceAll(/[[\]]/g, ' ')
    .split(' ')
    .map((word) =>
      word
        .split('|')
        .filter((part) => !part.startsWith('-'))
        .join('|'),
    )
    .filter((word) => word !== '');
}

function slotOf(word: string, { names }: Command): Slot {
  if (word.startsWith('NAME')) return names === 'new' ? 'nothing' : (names ?? 'portals');
  if (word.startsWith('COMMAND')) return 'commands';
  const words = word.split('|').filter((part) => /^[a-z-]+$/.test(part));
  return words.length === 0 ? 'nothing' : { words };
}
