// Decision tables: what becomes of an instance that the portal has left, or that ends by itself.
import { table } from './decision-table.ts';
import { both, drained, fleet, moving, notice, open, planned2, released, unanswered } from './scenes.ts';
import * as a from './world.ts';

table('handover', [
  [
    'the old instance is ended once the volumes are off it',
    a.record({ ...released, holder: 2, generations: [...released.generations.slice(0, 1), a.ready(2)] }),
    a.observation(
      a.cloud({
        instances: both,
        volumes: [a.volume('i-2')],
        fleets: [fleet({ state: 'cancelled_terminating' })],
      }),
      { 1: a.onInstance(), 2: a.onInstance({ mounts: a.mounted() }) },
      { channelsOn: 2 },
    ),
    { kind: 'terminate-instance', instanceId: 'i-1' },
  ],
  [
    'its fleet is cancelled first, so that it launches no other',
    a.record({ ...released, holder: 2, generations: [...released.generations.slice(0, 1), a.ready(2)] }),
    a.observation(
      a.cloud({ instances: both, volumes: [a.volume('i-2')], fleets: [fleet()] }),
      { 1: a.onInstance(), 2: a.onInstance({ mounts: a.mounted() }) },
      { channelsOn: 2 },
    ),
    { kind: 'cancel-fleet', fleetId: 'sfr-1' },
  ],
  [
    'an old instance that is gone still has its fleet cancelled',
    a.record({ ...released, holder: 2, generations: [a.ready(1, { goneAt: a.now - 1 }), a.ready(2)] }),
    a.observation(
      a.cloud({ instances: both.slice(1), volumes: [a.volume('i-2')], fleets: [fleet()] }),
      { 2: a.onInstance({ mounts: a.mounted() }) },
      { channelsOn: 2 },
    ),
    { kind: 'cancel-fleet', fleetId: 'sfr-1' },
  ],
  [
    'a second notice during the handover orders another replacement',
    a.record({ ...moving, generations: [a.ready(1, { notice }), a.generation(2, { notice })] }),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1')] }), {
      ...drained(),
      2: a.onInstance(),
    }),
    { kind: 'begin-generation' },
  ],
  [
    'when the account has room for one only, the old one is ended once it has let go',
    a.record({
      ...released,
      generations: released.generations.slice(0, 1),
      pools: [a.poolTrouble('quota')],
    }),
    a.observation(a.cloud({ instances: both.slice(0, 1) }), { 1: a.onInstance() }),
    { kind: 'terminate-instance', instanceId: 'i-1' },
  ],
  [
    'when there is no capacity for another, the old one that has let go is left to AWS',
    a.record({
      ...released,
      generations: [...released.generations.slice(0, 1), { ...planned2(), unanswered }],
      pools: [a.poolTrouble('capacity')],
    }),
    a.observation(a.cloud({ instances: both.slice(0, 1) }), { 1: a.onInstance() }),
    { kind: 'wait' },
  ],
  [
    'an instance that was stopped is ended, with its volumes: it does not start again',
    a.record({ ...moving, generations: [a.ready(1, { notice }), a.generation(2)] }),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1', { state: 'stopped' }), a.instance('i-2')],
        volumes: [a.volume('i-1')],
      }),
      { 2: a.onInstance() },
    ),
    { kind: 'terminate-instance', instanceId: 'i-1' },
  ],
  [
    'while it is stopping it is waited for',
    a.record({ ...moving, generations: [a.ready(1, { notice }), a.generation(2)] }),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1', { state: 'stopping' }), a.instance('i-2')],
        volumes: [a.volume('i-1')],
      }),
      { 2: a.onInstance() },
    ),
    { kind: 'wait' },
  ],
  [
    'an instance that died without notice is replaced',
    a.record({ ...open, generations: [a.ready(1, { goneAt: a.now - 1 })] }),
    a.observation(a.cloud({ fleets: [fleet()] })),
    { kind: 'begin-generation' },
  ],
]);
