// `npm run bench -- NAME`: measurements with the real programs. They assert nothing; they print figures to be judged.
import { parseArgs } from 'node:util';
import { recovery, type Wanted } from './recovery.ts';

const usage =
  'npm run bench -- recovery [--interruptions 200] [--peers 75] [--portals 25] [--seed 1]\n' +
  'peers: how many of the interruptions the common scripts meet too; 0 for none\n';

const wanted = read(process.argv.slice(2));
if (wanted === undefined) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  await recovery(wanted);
}

/** What the words ask for; undefined when they make no sense. */
function read(words: readonly string[]): Wanted | undefined {
  const options = {
    interruptions: { type: 'string', default: '200' },
    peers: { type: 'string', default: '75' },
    portals: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
  } as const;
  try {
    const { positionals, values } = parseArgs({ args: [...words], allowPositionals: true, options });
    const [interruptions, peers, portals, seed] = [
      values.interruptions,
      values.peers,
      values.portals,
      values.seed,
    ].map((text) => (/^\d{1,6}$/.test(text) ? Number(text) : Number.NaN));
    if (positionals.join(' ') !== 'recovery' || !interruptions || !portals || !seed) return undefined;
    return peers === undefined || Number.isNaN(peers) ? undefined : { interruptions, peers, portals, seed };
  } catch {
    return undefined;
  }
}
