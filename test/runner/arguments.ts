// What `npm test`, `npm run test:long` and `npm run test:repeat` take after `--`.
import { parseArgs } from 'node:util';

export const usage = `usage: npm test -- [--slowest | --figures] [FILE…]
       npm run test:long -- [--slowest | --figures] [FILE…]
       npm run test:repeat -- N FILE…

  --slowest   prints the ten files that took longest, with their seconds of CPU
  --figures   prints that of all files

test:long runs every case where npm test takes a sample; test:repeat runs the files N times, until one fails.
`;

export interface Wanted {
  /** Every case instead of a sample. */
  readonly isLong: boolean;
  /** So many times. */
  readonly times: number;
  /** Of how many files, the slowest first, it is printed what they took. */
  readonly figures: number;
  /** All if empty. */
  readonly files: readonly string[];
}

/** Throws an Error that says what is wrong with the words. */
export function readWords(words: readonly string[]): Wanted {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      slowest: { type: 'boolean' },
      figures: { type: 'boolean' },
      long: { type: 'boolean' },
      repeat: { type: 'boolean' },
    },
  });
  const some = values.slowest === true ? 10 : 0;
  const common = {
    isLong: values.long === true,
    figures: values.figures === true ? Number.POSITIVE_INFINITY : some,
  };
  if (values.repeat !== true) return { ...common, times: 1, files: positionals };
  const [count = '', ...files] = positionals;
  if (!/^[1-9]\d{0,5}$/.test(count)) throw new Error(`how often? "${count}" is not a number from 1`);
  if (files.length === 0) throw new Error('which files? name at least one');
  return { ...common, times: Number(count), files };
}
