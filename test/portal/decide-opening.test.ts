// Decision tables: the way to an open portal.
import { table } from './decision-table.ts';
import { asked, capacity, first, fleet, planned, requested, twoTypes, young } from './scenes.ts';
import * as a from './world.ts';

const { address: _left, ...withoutAddress } = a.instance('i-1');
const missing = (id: string, answers: number) => ({
  absences: new Map([[id, { since: a.now - 120_000, answers }]]),
});

table('opening', [
  [
    'a new portal begins a generation of its first instance type',
    a.record(),
    a.observation(a.cloud({})),
    { kind: 'begin-generation', instanceTypes: ['g5.xlarge'] },
  ],
  [
    'a planned generation requests its fleet',
    a.record({ generations: [planned] }),
    a.observation(a.cloud({})),
    { kind: 'request-fleet', generation: 1 },
  ],
  [
    'a request whose answer was lost is repeated after a restart',
    a.record({ generations: [asked] }),
    a.observation(a.cloud({})),
    { kind: 'request-fleet', generation: 1 },
  ],
  [
    'without capacity and without another type it waits with its fleet',
    a.record({ generations: [requested] }),
    a.observation(a.cloud({ fleets: [fleet({ trouble: capacity })] })),
    { kind: 'wait' },
  ],
  [
    'a request that came to nothing for ten minutes is made anew',
    a.record({ generations: [{ ...requested, requestedAt: a.now - 600_001 }] }),
    a.observation(a.cloud({ fleets: [fleet({ trouble: capacity })] })),
    { kind: 'abandon-pool', because: 'capacity' },
  ],
  [
    'in any order all types are requested at once, but those that rest',
    twoTypes(a.record({ pools: [a.poolTrouble('quota', -1)] }), {
      instance_types: ['g4dn.xlarge', 'p3.2xlarge'],
      instance_types_order: 'any',
    }),
    a.observation(a.cloud({})),
    { kind: 'begin-generation', instanceTypes: ['g5.xlarge', 'g4dn.xlarge', 'p3.2xlarge'] },
  ],
  [
    'while every type rests it waits for the first to have rested',
    twoTypes(
      a.record({
        everOpen: true,
        pools: [a.poolTrouble('quota', 9000), a.poolTrouble('ended-early', 5000, 'g4dn.xlarge')],
      }),
    ),
    a.observation(a.cloud({})),
    { kind: 'wait', ms: 5000 },
  ],
  [
    'while AWS has no capacity for any type, all are requested at once',
    twoTypes(a.record({ pools: [a.poolTrouble('capacity'), a.poolTrouble('price', 9000, 'g4dn.xlarge')] })),
    a.observation(a.cloud({})),
    { kind: 'begin-generation', instanceTypes: ['g5.xlarge', 'g4dn.xlarge'] },
  ],
  [
    'without capacity for one type and quota for another it waits for the one',
    twoTypes(a.record({ generations: [requested], pools: [a.poolTrouble('quota', 9000, 'g4dn.xlarge')] })),
    a.observation(a.cloud({ fleets: [fleet({ trouble: capacity })] })),
    { kind: 'wait' },
  ],
  [
    'without quota for any type it fails',
    twoTypes(a.record({ pools: [a.poolTrouble('quota'), a.poolTrouble('quota', 9000, 'g4dn.xlarge')] })),
    a.observation(a.cloud({})),
    { kind: 'fail' },
  ],
  [
    'after three machines that ended early it fails',
    a.record({ pools: [a.poolTrouble('ended-early', 0, 'g5.xlarge', 3)] }),
    a.observation(a.cloud({})),
    { kind: 'fail' },
  ],
  [
    'an open portal tries on',
    a.record({ everOpen: true, pools: [a.poolTrouble('ended-early', 0, 'g5.xlarge', 3)] }),
    a.observation(a.cloud({})),
    { kind: 'begin-generation' },
  ],
  [
    'a type that cannot be launched with the image is given up for another',
    twoTypes(a.record({ generations: [requested] })),
    a.observation(
      a.cloud({
        fleets: [fleet({ trouble: { sort: 'unsupported', code: 'launchSpecUnusable', message: '' } })],
      }),
    ),
    { kind: 'abandon-pool', because: 'unsupported' },
  ],
  [
    'without capacity and with another type it gives the pool up',
    twoTypes(a.record({ generations: [requested] })),
    a.observation(a.cloud({ fleets: [fleet({ trouble: capacity })] })),
    { kind: 'abandon-pool' },
  ],
  [
    'a fleet that EC2 has forgotten is not waited for',
    a.record({ generations: [{ ...requested, requestedAt: a.now - 601_000 }] }),
    a.observation({ ...a.cloud({}), askedFleets: new Set(['sfr-1']) }, {}, missing('sfr-1', 12)),
    { kind: 'abandon-pool', generation: 1 },
  ],
  [
    'one that an answer has left out is not forgotten',
    a.record({ generations: [{ ...requested, requestedAt: a.now - 3_600_000 }] }),
    a.observation({ ...a.cloud({}), askedFleets: new Set(['sfr-1']) }, {}, missing('sfr-1', 1)),
    { kind: 'wait' },
  ],
  [
    'a running instance without a public address fails the opening',
    a.record(first),
    a.observation(a.cloud({ instances: [withoutAddress] }), {}, missing('the address of i-1', 5)),
    { kind: 'fail' },
  ],
  [
    'one whose address an answer has left out is connected to later',
    a.record(first),
    a.observation(
      a.cloud({ instances: [withoutAddress], volumes: [a.volume('i-1')] }),
      {},
      missing('the address of i-1', 1),
    ),
    { kind: 'wait' },
  ],
  [
    'one that is too young to be forgotten is waited for',
    a.record({ generations: [{ ...requested, requestedAt: a.now - 60_000 }] }),
    a.observation({ ...a.cloud({}), askedFleets: new Set(['sfr-1']) }),
    { kind: 'wait' },
  ],
  [
    'the abandoned fleet is cancelled before the next is requested',
    twoTypes(a.record({ generations: [{ ...requested, abandonedAt: a.now }] })),
    a.observation(a.cloud({ fleets: [fleet()] })),
    { kind: 'cancel-fleet', fleetId: 'sfr-1' },
  ],
  [
    'an instance that raced the cancelling is adopted, so that it can be ended',
    a.record({ generations: [{ ...requested, abandonedAt: a.now }] }),
    a.observation(a.cloud({ fleets: [fleet({ instanceIds: ['i-1'] })] })),
    { kind: 'adopt-instance', instanceId: 'i-1' },
  ],
  [
    'an abandoned generation with an instance is terminated',
    a.record({ generations: [{ ...young, abandonedAt: a.now }] }),
    a.observation(
      a.cloud({ fleets: [fleet({ state: 'cancelled_terminating' })], instances: [a.instance('i-1')] }),
    ),
    { kind: 'terminate-instance', instanceId: 'i-1' },
  ],
  [
    'the next type is tried once the last pool is unavailable',
    twoTypes(a.record({ pools: [a.poolTrouble('capacity', 1)] })),
    a.observation(a.cloud({})),
    { kind: 'begin-generation', instanceTypes: ['g4dn.xlarge'] },
  ],
  [
    'a wrong configuration told by the fleet fails the opening',
    a.record({ generations: [requested] }),
    a.observation(
      a.cloud({
        fleets: [fleet({ trouble: { sort: 'configuration', code: 'iamFleetRoleInvalid', message: '' } })],
      }),
    ),
    { kind: 'fail' },
  ],
  [
    'a pending instance is waited for',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1', { state: 'pending' })] })),
    { kind: 'wait' },
  ],
  [
    'a running instance is connected to',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] })),
    { kind: 'connect', generation: 1 },
  ],
  [
    'no volume is attached to a machine whose host key was not verified yet',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')] }), {
      1: a.onInstance({ link: a.silent(3, 5000) }),
    }),
    { kind: 'wait' },
  ],
  [
    'once it is, it is attached',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')] }), { 1: a.onInstance({ link: a.connected }) }),
    { kind: 'attach-volume', volumeId: 'vol-1' },
  ],
  [
    'a machine that could never be reached is given up, so that it stops billing',
    a.record({ ...first, generations: [a.generation(1, { adoptedAt: a.now - 901_000 })] }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: a.silent(60, 900_000) }),
    }),
    { kind: 'fail' },
  ],
  [
    'a machine that was hardly tried is not given up, however long the laptop slept',
    a.record({ ...first, generations: [a.generation(1, { adoptedAt: a.now - 9_000_000 })] }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: a.silent(59, 9_000_000) }),
    }),
    { kind: 'wait' },
  ],
  [
    'an instance with the volumes mounted takes the portal over',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ mounts: a.mounted() }),
    }),
    { kind: 'hold', generation: 1 },
  ],
  [
    'channels start only over mounted volumes',
    a.record({ ...first, holder: 1 }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ mounts: a.mounted() }),
    }),
    { kind: 'start-channels' },
  ],
  [
    'with everything in place it is open',
    a.record({ ...first, holder: 1 }),
    a.observation(
      a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }),
      { 1: a.onInstance({ mounts: a.mounted() }) },
      { channelsOn: 1 },
    ),
    { kind: 'note-ready' },
  ],
]);
