// What EC2 is asked for: a fleet only while its answer decides something, for each question is asked in every round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interestOf } from '../../daemon/portal/interest.ts';
import type { PortalRecord } from '../../daemon/portal/record.ts';
import * as a from './world.ts';

const notice = { deadline: a.now + 100_000, seenBy: 'instance metadata', seenAt: a.now } as const;
const launching = { ...a.generation(2) };
delete (launching as { instanceId?: string }).instanceId;

const table: [what: string, change: Partial<PortalRecord>, fleets: string[], launching: string[]][] = [
  ['an open portal asks for no fleet', { generations: [a.ready(1)] }, [], []],
  [
    'one that launches asks for its fleet, instances and trouble',
    { generations: [launching], holder: 0 },
    ['sfr-2'],
    ['sfr-2'],
  ],
  [
    'a machine with a notice that holds the volumes is not ended yet',
    { generations: [a.ready(1, { notice }), launching] },
    ['sfr-2'],
    ['sfr-2'],
  ],
  [
    'one that has let them go is',
    { generations: [a.ready(1, { notice, releasedAt: a.now }), a.generation(2)] },
    ['sfr-1'],
    [],
  ],
  [
    'one that is gone is',
    { generations: [a.ready(1, { notice, goneAt: a.now }), a.generation(2)] },
    ['sfr-1'],
    [],
  ],
  [
    'one whose place was taken is',
    { generations: [a.ready(1, { notice }), a.ready(2)], holder: 2 },
    ['sfr-1'],
    [],
  ],
  [
    'one that was given up is',
    { generations: [a.ready(1), a.generation(2, { abandonedAt: a.now })] },
    ['sfr-2'],
    [],
  ],
  ['a closing asks for all', { generations: [a.ready(1)], wish: 'closed' }, ['sfr-1'], []],
];

for (const [what, change, fleets, withInstances] of table) {
  test(what, () => {
    const { fleetIds, launchingFleetIds } = interestOf(a.record({ holder: 1, everOpen: true, ...change }));
    assert.deepEqual([fleetIds, launchingFleetIds], [fleets, withInstances]);
  });
}
