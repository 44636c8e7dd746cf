// Decision tables: what failed just now rests, and everything else goes on.
import type { Rest } from '../../daemon/portal/observation.ts';
import { type Step, stepKey } from '../../daemon/portal/steps.ts';
import { table } from './decision-table.ts';
import { fleet, moving, open } from './scenes.ts';
import * as a from './world.ts';

const after = (step: Step): { resting: ReadonlyMap<string, Rest> } => ({
  resting: new Map([[stepKey(step), { forMs: 4000, message: 'refused' }]]),
});
const afterCancelling = after({ kind: 'cancel-fleet', generation: 1, fleetId: 'sfr-1' });
const closing = { ...open, wish: 'closed', wishedAt: a.now - 1000 } as const;
const gone = a.ready(1, { goneAt: a.now });

table('after a refusal', [
  [
    'a fleet that cannot be cancelled keeps no instance alive',
    a.record({ ...closing, generations: [a.ready(1, { releasedAt: a.now })] }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], fleets: [fleet()] }), {}, afterCancelling),
    { kind: 'terminate-instance', instanceId: 'i-1' },
  ],
  [
    'nor that of another generation',
    a.record({ ...closing, generations: [gone, a.generation(2)] }),
    a.observation(
      a.cloud({ instances: [a.instance('i-2')], fleets: [fleet(), fleet({ id: 'sfr-2' })] }),
      {},
      afterCancelling,
    ),
    { kind: 'cancel-fleet', fleetId: 'sfr-2' },
  ],
  [
    'but the portal is not closed before that fleet is cancelled',
    a.record({ ...closing, generations: [gone] }),
    a.observation(a.cloud({ fleets: [fleet()] }), {}, afterCancelling),
    { kind: 'wait', ms: 4000 },
  ],
  [
    'nor does a fleet that was cancelled and is shown as active all the same',
    a.record({ ...closing, generations: [a.ready(1, { releasedAt: a.now, fleetCancelledAt: a.now })] }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], fleets: [fleet()] })),
    { kind: 'terminate-instance', instanceId: 'i-1' },
  ],
  [
    'an instance that cannot be ended keeps no other one',
    a.record({ ...closing, generations: [] }),
    a.observation(
      a.cloud({
        instances: [a.instance('i-8', { tags: a.ownTags }), a.instance('i-9', { tags: a.ownTags })],
      }),
      {},
      after({ kind: 'terminate-instance', instanceId: 'i-8', reason: '' }),
    ),
    { kind: 'terminate-instance', instanceId: 'i-9' },
  ],
  [
    'while a volume cannot be attached, what is left of the old instance is ended all the same',
    a.record({ ...moving, generations: [gone, a.generation(2)] }),
    a.observation(
      a.cloud({ instances: [a.instance('i-2')], fleets: [fleet()] }),
      { 2: a.onInstance() },
      after({ kind: 'attach-volume', generation: 2, volumeId: 'vol-1' }),
    ),
    { kind: 'cancel-fleet', fleetId: 'sfr-1' },
  ],
]);
