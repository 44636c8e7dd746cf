// `npm run bench -- NAME`: measurements with the real programs. They assert nothing; they print figures to be judged.
import { parseArgs } from 'node:util';
import { recovery } from './recovery.ts';
import { scale } from './scale.ts';
import { startup } from './startup.ts';
import { sync } from './sync.ts';

const usage =
  'npm run bench -- recovery [--interruptions 200] [--peers 75] [--portals 25] [--seed 1]\n' +
  'peers: how many of the interruptions the common scripts meet too; 0 for none\n' +
  'npm run bench -- startup [--runs 25]\n' +
  'npm run bench -- scale [--least 1] [--most 200] [--steady 30] [--storm 1]\n' +
  'least, most: how many portals; steady: seconds of watching them; storm: 0 to leave it out\n' +
  'npm run bench -- sync [--saves 30] [--files 1000] [--repeats 3] [--peers 1] [--latency 1] [--bulk 1] [--scale 1]\n' +
  '    [--new-files 5000] [--large-mib 1024] [--scale-files 100000]\n' +
  'peers: 0 for ours alone; latency, bulk, scale: 0 to leave that part out. The peers of Debian are installed if\n' +
  'root runs it; mutagen is built by Go, once, into ~/.cache/portald-bench. It takes about half an hour.\n';

const run = read(process.argv.slice(2));
if (run === undefined) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  await run();
}

/** What the words ask for; undefined when they make no sense. */
function read([name, ...words]: readonly string[]): (() => Promise<void>) | undefined {
  try {
    if (name === 'recovery') {
      const wanted = numbersOf(words, { interruptions: 200, peers: 75, portals: 25, seed: 1 });
      const { interruptions, portals, seed } = wanted;
      return interruptions && portals && seed ? () => recovery(wanted) : undefined;
    }
    if (name === 'startup') {
      const wanted = numbersOf(words, { runs: 25 });
      return wanted.runs ? () => startup(wanted) : undefined;
    }
    if (name === 'scale') {
      const wanted = numbersOf(words, { least: 1, most: 200, steady: 30, storm: 1 });
      return wanted.most && wanted.steady ? () => scale(wanted) : undefined;
    }
    if (name !== 'sync') return undefined;
    const wanted = numbersOf(words, {
      saves: 30,
      files: 1000,
      repeats: 3,
      peers: 1,
      latency: 1,
      bulk: 1,
      scale: 1,
      'new-files': 5000,
      'large-mib': 1024,
      'scale-files': 100_000,
    });
    const isSensible = wanted.saves && wanted.repeats && wanted['new-files'] && wanted['large-mib'];
    return isSensible ? () => sync(wanted) : undefined;
  } catch {
    return undefined;
  }
}

/** The options' numbers; throws for any that is none. */
function numbersOf<Name extends string>(
  words: readonly string[],
  defaults: Readonly<Record<Name, number>>,
): Record<Name, number> {
  const names = Object.keys(defaults);
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...words], options });
  const wanted: Record<Name, number> = { ...defaults };
  for (const [name, text] of Object.entries(values)) {
    if (typeof text !== 'string' || !/^\d{1,6}$/.test(text)) throw new Error(`--${name} is no number`);
    Object.assign(wanted, { [name]: Number(text) });
  }
  return wanted;
}
