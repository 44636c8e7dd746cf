// Decision tables: whatever a portal's fleet has launched is taken over, before anything more is requested.
import { type Row, table } from './decision-table.ts';
import { asked, fleet, planned, requested } from './scenes.ts';
import * as a from './world.ts';

const ours = { 'portald:portal': 'gpu', 'portald:opening': 'opening', 'portald:generation': '1' };
const tagged = (id: string, fleetId: string, tags: object = {}) =>
  a.instance(id, { tags: { ...ours, 'aws:ec2spot:fleet-request-id': fleetId, ...tags } });

table('adopting', [
  [
    'what a request of unknown outcome has launched is taken over, before the request is repeated',
    a.record({ generations: [asked] }),
    a.observation(a.cloud({ instances: [tagged('i-9', 'sfr-9')] })),
    { kind: 'adopt-instance', instanceId: 'i-9', fleetId: 'sfr-9' },
  ],
  [
    'also when it is to be closed',
    a.record({ wish: 'closed', generations: [asked] }),
    a.observation(a.cloud({ instances: [tagged('i-9', 'sfr-9')] })),
    { kind: 'adopt-instance', instanceId: 'i-9', fleetId: 'sfr-9' },
  ],
  ...[
    ['of no spot fleet', a.instance('i-9', { tags: ours })],
    ['of another spot fleet', tagged('i-9', 'sfr-2')],
    ['of another type', { ...tagged('i-9', 'sfr-1'), type: 'm5.large' }],
  ].map(
    ([what, instance]): Row => [
      `an instance with our tags that is ${what as string} is not taken over`,
      a.record({ generations: [requested] }),
      a.observation(a.cloud({ fleets: [fleet()], instances: [instance as never] })),
      { kind: 'wait' },
    ],
  ),
  [
    'a request of unknown outcome is repeated where what is shown is of another opening',
    a.record({ generations: [asked] }),
    a.observation(a.cloud({ instances: [tagged('i-9', 'sfr-9', { 'portald:opening': 'earlier' })] })),
    { kind: 'request-fleet', generation: 1 },
  ],
  [
    'what was never requested adopts nothing',
    a.record({ generations: [planned] }),
    a.observation(a.cloud({ instances: [tagged('i-9', 'sfr-9')] })),
    { kind: 'request-fleet', generation: 1 },
  ],
  [
    'a fleet with an instance is adopted',
    a.record({ generations: [requested] }),
    a.observation(a.cloud({ fleets: [fleet({ instanceIds: ['i-1'] })] })),
    { kind: 'adopt-instance', instanceId: 'i-1' },
  ],
  [
    'an instance is adopted by its tags when the fleet does not tell of it yet',
    a.record({ generations: [requested] }),
    a.observation(
      a.cloud({
        fleets: [fleet()],
        instances: [tagged('i-9', 'sfr-1')],
      }),
    ),
    { kind: 'adopt-instance', instanceId: 'i-9' },
  ],
  [
    'an instance that died before it was noted is noted all the same: its fleet launches no other',
    a.record({ generations: [requested] }),
    a.observation(
      a.cloud({
        fleets: [fleet()],
        instances: [{ ...tagged('i-9', 'sfr-1'), state: 'terminated' }],
      }),
    ),
    { kind: 'adopt-instance', instanceId: 'i-9' },
  ],
  [
    "what came late of an earlier request with the same number is not this one's",
    a.record({ generations: [requested] }),
    a.observation(
      a.cloud({
        fleets: [fleet()],
        instances: [{ ...tagged('i-9', 'sfr-0'), state: 'terminated' }],
      }),
    ),
    { kind: 'wait' },
  ],
]);
