// Decision tables: each row is a sentence, the world it speaks of, and the step that must follow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../daemon/portal/decide.ts';
import type { Observation, TaskStatus } from '../../daemon/portal/observation.ts';
import type { PortalRecord } from '../../daemon/portal/record.ts';
import type { Step } from '../../daemon/portal/steps.ts';
import * as a from './world.ts';

type Row = [sentence: string, record: PortalRecord, observation: Observation, step: Partial<Step>];

const notice = { deadline: a.now + 110_000, seenBy: 'instance metadata', seenAt: a.now - 10_000 } as const;
const failed: TaskStatus = {
  state: 'failed',
  attempts: 3,
  since: a.now - 1_000_000,
  difficulty: { kind: 'mount', message: 'no file system', since: a.now },
};

function table(title: string, rows: Row[]): void {
  for (const [sentence, record, observation, step] of rows) {
    test(`${title}: ${sentence}`, () => {
      const decision = decide(record, observation);
      assert.deepEqual(
        Object.fromEntries(
          Object.keys(step).map((key) => [key, (decision.step as Record<string, unknown>)[key]]),
        ),
        step,
        `decided ${JSON.stringify(decision)}`,
      );
    });
  }
}

const first = { generations: [a.generation(1)], nextGeneration: 2 };
const fleet = (change: object = {}) => ({ id: 'sfr-1', state: 'active', instanceIds: [], ...change });
const young = a.generation(1);
const { instanceId: _none, adoptedAt: _never, ...requested } = young;
const { fleetId: _unknown, ...asked } = requested;
const { requestedAt: _unasked, ...planned } = asked;
const capacity = {
  sort: 'capacity',
  code: 'launchSpecTemporarilyBlacklisted',
  message: 'none left',
} as const;
const twoTypes = (record: PortalRecord): PortalRecord => ({
  ...record,
  specification: {
    ...record.specification,
    spot_instance: { ...record.specification.spot_instance, instance_types: ['g4dn.xlarge'] },
  },
});

table('opening', [
  [
    'a new portal begins a generation of its first instance type',
    a.record(),
    a.observation(a.cloud({})),
    { kind: 'begin-generation', instanceType: 'g5.xlarge' },
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
        instances: [
          a.instance('i-9', {
            tags: { 'portald:portal': 'gpu', 'portald:opening': 'opening', 'portald:generation': '1' },
          }),
        ],
      }),
    ),
    { kind: 'adopt-instance', instanceId: 'i-9' },
  ],
  [
    'without capacity and without another type it waits with its fleet',
    a.record({ generations: [requested] }),
    a.observation(a.cloud({ fleets: [fleet({ trouble: capacity })] })),
    { kind: 'wait' },
  ],
  [
    'without capacity and with another type it gives the pool up',
    twoTypes(a.record({ generations: [requested] })),
    a.observation(a.cloud({ fleets: [fleet({ trouble: capacity })] })),
    { kind: 'abandon-pool' },
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
    a.observation(a.cloud({ fleets: [fleet({ state: 'cancelled_terminating' })], instances: [a.instance('i-1')] })),
    { kind: 'terminate-instance', instanceId: 'i-1' },
  ],
  [
    'the next type is tried once the last pool is unavailable',
    twoTypes(a.record({ unavailable: [{ instanceType: 'g5.xlarge', until: a.now + 1 }] })),
    a.observation(a.cloud({})),
    { kind: 'begin-generation', instanceType: 'g4dn.xlarge' },
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
    'a running instance without a public address fails the opening',
    a.record(first),
    a.observation(a.cloud({ instances: [{ id: 'i-1', state: 'running', type: 't', zone: 'a', tags: {} }] })),
    { kind: 'fail' },
  ],
  [
    'a running instance is connected to',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] })),
    { kind: 'connect', generation: 1 },
  ],
  [
    'volumes are attached while SSH is not up yet',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')] }), {
      1: a.onInstance({ link: { ...a.connected, state: 'connecting' } }),
    }),
    { kind: 'attach-volume', volumeId: 'vol-1' },
  ],
  [
    'a volume that another machine uses is waited for and never taken',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-foreign')] }), {
      1: a.onInstance(),
    }),
    { kind: 'wait' },
  ],
  [
    'an attachment that is stuck is undone',
    a.record(first),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1')],
        volumes: [
          {
            ...a.volume('i-1'),
            attachment: { instanceId: 'i-1', device: '/dev/xvdf', state: 'attaching', since: a.now - 91_000 },
          },
        ],
      }),
      { 1: a.onInstance() },
    ),
    { kind: 'detach-volume', instanceId: 'i-1' },
  ],
  [
    'attached volumes are looked at before they are mounted',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance(),
    }),
    { kind: 'inspect-volumes' },
  ],
  [
    'volumes that are not mounted are mounted',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ mounts: a.mounted(false) }),
    }),
    { kind: 'mount-volumes' },
  ],
  [
    'mounting that fails again and again fails the opening, so that nothing goes on billing',
    a.record(first),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ mounts: a.mounted(false), tasks: new Map([['mount-volumes', failed]]) }),
    }),
    { kind: 'fail' },
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

const open = { generations: [a.ready(1)], nextGeneration: 2, holder: 1, everOpen: true };
const steady = { 1: a.onInstance({ mounts: a.mounted() }) };
const interrupted = { ...open, generations: [a.ready(1, { notice })] };
const moving = {
  ...open,
  generations: [a.ready(1, { notice, drainedAt: a.now }), a.generation(2)],
  nextGeneration: 3,
};
const released = {
  ...moving,
  generations: [a.ready(1, { notice, drainedAt: a.now, releasedAt: a.now }), a.generation(2)],
};
const both = [a.instance('i-1'), a.instance('i-2')];

table('open', [
  [
    'a portal at rest waits',
    a.record(open),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), steady, {
      channelsOn: 1,
    }),
    { kind: 'wait', ms: 5000 },
  ],
  [
    'silence of SSH destroys nothing',
    a.record(open),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: { ...a.connected, state: 'connecting' }, transport: false }),
    }),
    { kind: 'wait' },
  ],
  [
    'silence of EC2 destroys nothing',
    a.record(open),
    a.observation(undefined, steady, { channelsOn: 1 }),
    { kind: 'wait' },
  ],
  [
    'silence of both destroys nothing',
    a.record(open),
    a.observation(undefined, { 1: a.onInstance({ link: { ...a.connected, state: 'connecting' } }) }),
    { kind: 'wait' },
  ],
  [
    'an instance that EC2 does not show is not gone yet',
    a.record(open),
    a.observation(a.cloud({}), steady, { channelsOn: 1, absentSince: new Map([['i-1', a.now - 60_000]]) }),
    { kind: 'wait' },
  ],
  [
    'an instance that EC2 has not shown for long is gone',
    a.record(open),
    a.observation(a.cloud({}), steady, { channelsOn: 1, absentSince: new Map([['i-1', a.now - 120_000]]) }),
    { kind: 'note-gone', generation: 1 },
  ],
  [
    'a terminated instance is gone',
    a.record(open),
    a.observation(a.cloud({ instances: [a.instance('i-1', { state: 'terminated' })] }), steady),
    { kind: 'note-gone', reason: 'terminated' },
  ],
  [
    'a notice in the metadata is written down first',
    a.record(open),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: { ...a.connected, notice: { action: 'terminate', deadline: a.now + 5 } } }),
    }),
    { kind: 'note-notice', notice: { deadline: a.now + 5, seenBy: 'instance metadata', seenAt: a.now } },
  ],
  [
    'a notice is known from the spot request with SSH down',
    a.record(open),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1', { spotRequestId: 'sir-1' })],
        spotStatus: [['sir-1', 'marked-for-termination']],
      }),
      { 1: a.onInstance({ link: { ...a.connected, state: 'connecting' } }) },
    ),
    { kind: 'note-notice', generation: 1 },
  ],
  [
    'a stray instance with our tags is ended',
    a.record(open),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1'), a.instance('i-stray', { tags: { 'portald:portal': 'gpu' } })],
        volumes: [a.volume('i-1')],
      }),
      steady,
      { channelsOn: 1 },
    ),
    { kind: 'terminate-instance', instanceId: 'i-stray' },
  ],
  [
    'an instance of another portal is left alone',
    a.record(open),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1'), a.instance('i-other', { tags: { 'portald:portal': 'other' } })],
        volumes: [a.volume('i-1')],
      }),
      steady,
      { channelsOn: 1 },
    ),
    { kind: 'wait' },
  ],
]);

table('handover', [
  [
    'the replacement is ordered before anything else',
    a.record(interrupted),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), steady),
    { kind: 'begin-generation' },
  ],
  [
    'draining goes on without EC2',
    a.record({
      ...interrupted,
      generations: [a.ready(1, { notice }), planned2()],
      launchNotBefore: a.now + 3000,
    }),
    a.observation(undefined, steady, { channelsOn: 1 }),
    { kind: 'drain', generation: 1 },
  ],
  [
    'the old instance keeps its volumes while the replacement is not ready',
    a.record(moving),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1')] }), {
      ...drained(),
      2: a.onInstance({ link: { ...a.connected, state: 'connecting' } }),
    }),
    { kind: 'wait' },
  ],
  [
    'the old instance lets go when the replacement is ready',
    a.record(moving),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1')] }), {
      ...drained(),
      2: a.onInstance(),
    }),
    { kind: 'release', generation: 1 },
  ],
  [
    'the old instance lets go when its end is near, replacement or not',
    a.record({
      ...interrupted,
      generations: [a.ready(1, { notice: { ...notice, deadline: a.now + 20_000 } }), planned2()],
      launchNotBefore: a.now + 3000,
    }),
    a.observation(undefined, drained()),
    { kind: 'release', generation: 1 },
  ],
  [
    'a mounted volume is never detached: it is released first',
    a.record(moving),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1')] }), {
      1: a.onInstance({
        mounts: a.mounted(),
        tasks: new Map([
          ['drain', { state: 'running', attempts: 1, since: a.now }],
          ['release', { state: 'running', attempts: 1, since: a.now }],
        ]),
      }),
      2: a.onInstance(),
    }),
    { kind: 'wait' },
  ],
  [
    'a released volume is detached',
    a.record(released),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1')] }), {
      ...drained(),
      2: a.onInstance(),
    }),
    { kind: 'detach-volume', instanceId: 'i-1' },
  ],
  [
    'a volume on its way off is waited for',
    a.record(released),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1', 'detaching')] }), {
      ...drained(),
      2: a.onInstance(),
    }),
    { kind: 'wait' },
  ],
  [
    'a free volume is attached to the replacement',
    a.record(released),
    a.observation(a.cloud({ instances: both }), { ...drained(), 2: a.onInstance() }),
    { kind: 'attach-volume', generation: 2 },
  ],
  [
    'the old instance is ended once the volumes are off it',
    a.record({ ...released, holder: 2, generations: [...released.generations.slice(0, 1), a.ready(2)] }),
    a.observation(
      a.cloud({ instances: both, volumes: [a.volume('i-2')], fleets: [fleet({ state: 'cancelled_terminating' })] }),
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
    'an instance that died without notice is replaced',
    a.record({ ...open, generations: [a.ready(1, { goneAt: a.now - 1 })] }),
    a.observation(a.cloud({ fleets: [fleet()] })),
    { kind: 'begin-generation' },
  ],
]);

const closing = { wish: 'closed', wishedAt: a.now - 1000 } as const;

table('closing', [
  [
    'a last synchronisation comes first',
    a.record({ ...open, ...closing }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), steady, {
      channelsOn: 1,
    }),
    { kind: 'release', generation: 1 },
  ],
  [
    'an instance that does not answer is waited for a while',
    a.record({ ...open, ...closing }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: { ...a.connected, state: 'connecting' } }),
    }),
    { kind: 'wait' },
  ],
  [
    'an instance that goes on not answering is ended: the user asked for it',
    a.record({ ...open, ...closing, wishedAt: a.now - 61_000 }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: { ...a.connected, state: 'connecting' } }),
    }),
    { kind: 'terminate-instance' },
  ],
  [
    'a request whose answer was lost is repeated, so that its fleet can be cancelled',
    a.record({ ...closing, generations: [asked] }),
    a.observation(a.cloud({})),
    { kind: 'request-fleet' },
  ],
  [
    'a launch that was only planned is forgotten',
    a.record({ ...closing, generations: [planned] }),
    a.observation(a.cloud({})),
    { kind: 'note-gone' },
  ],
  [
    'a fleet without an instance is cancelled',
    a.record({ ...closing, generations: [requested] }),
    a.observation(a.cloud({ fleets: [fleet()] })),
    { kind: 'cancel-fleet' },
  ],
  [
    'it is not closed while the volume still hangs on the dead instance',
    a.record({ ...open, ...closing, generations: [a.ready(1, { goneAt: a.now })] }),
    a.observation(
      a.cloud({ volumes: [a.volume('i-1', 'detaching')], fleets: [fleet({ state: 'cancelled' })] }),
    ),
    { kind: 'wait' },
  ],
  [
    'it is not closed while the fleet is active',
    a.record({ ...open, ...closing, generations: [a.ready(1, { goneAt: a.now })] }),
    a.observation(a.cloud({ fleets: [fleet()] })),
    { kind: 'cancel-fleet' },
  ],
  [
    'it is not closed while EC2 does not answer',
    a.record({ ...closing }),
    a.observation(undefined),
    { kind: 'wait' },
  ],
  [
    'it is not closed while a stray instance lives',
    a.record({ ...closing }),
    a.observation(a.cloud({ instances: [a.instance('i-9', { tags: { 'portald:portal': 'gpu' } })] })),
    { kind: 'terminate-instance', instanceId: 'i-9' },
  ],
  [
    'with nothing left it is closed',
    a.record({ ...closing }),
    a.observation(a.cloud({})),
    { kind: 'finish-close' },
  ],
]);

function planned2() {
  const { instanceId: _a, adoptedAt: _b, fleetId: _c, requestedAt: _d, ...rest } = a.generation(2);
  return rest;
}

function drained() {
  return {
    1: a.onInstance({
      mounts: a.mounted(),
      tasks: new Map([['drain', { state: 'running', attempts: 1, since: a.now } as const]]),
    }),
  };
}
