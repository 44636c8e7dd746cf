// `npm run bench -- NAME`: measurements with the real programs. They assert nothing; they print figures to be judged.
import { parseArgs } from 'node:util';
import { recovery } from './recovery.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    interruptions: { type: 'string', default: '200' },
    portals: { type: 'string', default: '25' },
    peers: { type: 'string', default: '75' },
    seed: { type: 'string', default: '1' },
  },
});
const number = (text: string): number => {
  const given = Number(text);
  if (!Number.isInteger(given) || given < 0) throw new Error(`not a number: ${text}`);
  return given;
};

if (positionals.length !== 1 || positionals[0] !== 'recovery') {
  process.stderr.write(
    'npm run bench -- recovery [--interruptions 200] [--peers 75] [--portals 25] [--seed 1]\n',
  );
  process.exitCode = 2;
} else {
  await recovery({
    interruptions: number(values.interruptions),
    peers: number(values.peers),
    portals: number(values.portals),
    seed: number(values.seed),
  });
}
