// Decision tables: a replacement launched early, on a rebalance recommendation.
import { table } from './decision-table.ts';
import { fleet, notice, open } from './scenes.ts';
import * as a from './world.ts';

const recommended = { ...a.connected, rebalanceRecommended: true };
const wanted = { channelsOn: 1, earlyReplacementMs: 600_000 };
const atWork = { 1: a.onInstance({ mounts: a.mounted(), link: recommended }) };
const alone = a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] });
const both = a.cloud({ instances: [a.instance('i-1'), a.instance('i-2')], volumes: [a.volume('i-1')] });
const standingBy = (begunMs: number, change = {}) =>
  a.record({
    ...open,
    generations: [
      a.ready(1, { spareBegunAt: a.now - begunMs, ...change }),
      a.generation(2, { spareOf: 1, packagesAt: a.now }),
    ],
    nextGeneration: 3,
  });
const withSpare = { ...atWork, 2: a.onInstance({ mounts: a.mounted(false) }) };

table('early replacement', [
  [
    'by default a recommendation launches nothing',
    a.record(open),
    a.observation(alone, atWork, { channelsOn: 1 }),
    { kind: 'wait' },
  ],
  [
    'where it is wished, a recommendation launches a replacement that stands by',
    a.record(open),
    a.observation(alone, atWork, wanted),
    { kind: 'begin-generation', spareOf: 1 },
  ],
  [
    'while EC2 is silent it is not launched',
    a.record(open),
    a.observation(undefined, atWork, wanted),
    { kind: 'wait' },
  ],
  [
    'one recommendation launches one, whatever came of it',
    a.record({ ...open, generations: [a.ready(1, { spareBegunAt: a.now - 700_000 })] }),
    a.observation(alone, atWork, wanted),
    { kind: 'wait' },
  ],
  [
    'the one that stands by is connected to, and gets no volume',
    standingBy(1000),
    a.observation(both, atWork, wanted),
    { kind: 'connect', generation: 2 },
  ],
  [
    'while it stands by nothing is drained, moved or ended',
    standingBy(1000),
    a.observation(both, withSpare, wanted),
    { kind: 'wait' },
  ],
  [
    'without a notice in time it is given up',
    standingBy(600_001),
    a.observation(both, withSpare, wanted),
    { kind: 'abandon-spare', generation: 2 },
  ],
  [
    'and its fleet is ended',
    a.record({
      ...open,
      generations: [
        a.ready(1, { spareBegunAt: a.now - 1 }),
        a.generation(2, { spareOf: 1, abandonedAt: a.now }),
      ],
    }),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1'), a.instance('i-2')],
        volumes: [a.volume('i-1')],
        fleets: [{ ...fleet(), id: 'sfr-2' }],
      }),
      withSpare,
      wanted,
    ),
    { kind: 'cancel-fleet', fleetId: 'sfr-2' },
  ],
  [
    'at the notice it takes over: no other is launched',
    standingBy(1000, { notice, drainedAt: a.now }),
    a.observation(
      both,
      {
        1: a.onInstance({
          mounts: a.mounted(),
          link: recommended,
          tasks: new Map([['drain', { state: 'running', attempts: 1, since: a.now }]]),
        }),
        2: a.onInstance({ mounts: a.mounted(false) }),
      },
      wanted,
    ),
    { kind: 'release', generation: 1 },
  ],
]);
