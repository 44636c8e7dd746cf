// Decision tables: the way to a closed portal.
import { table } from './decision-table.ts';
import { asked, fleet, mountedOnly, open, planned, requested, steady } from './scenes.ts';
import * as a from './world.ts';

const closing = { wish: 'closed', wishedAt: a.now - 1000 } as const;

const releaseFailed = (kind: 'ssh' | 'mount', attempts: number, agoMs: number) => {
  const since = a.now - agoMs;
  const difficulty = { kind, message: 'it failed', since } as const;
  return new Map([['release', { state: 'failed', attempts, since, difficulty } as const]] as const);
};

const askedInVain = { ...a.cloud({}), askedFleets: new Set(['sfr-1']) };

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
    'what is mounted is unmounted, though nobody has written down who has it',
    a.record({ ...mountedOnly, ...closing }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), steady),
    { kind: 'release', generation: 1 },
  ],
  [
    'a mounting under way is waited for: it may be making a file system',
    a.record({ ...mountedOnly, ...closing }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({
        mounts: a.mounted(false),
        tasks: new Map([['mount-volumes', { state: 'running', attempts: 1, since: a.now }]]),
      }),
    }),
    { kind: 'wait' },
  ],
  [
    'a connection that was lost in the middle of the release is no refusal: it is asked again',
    a.record({ ...open, ...closing }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ tasks: releaseFailed('ssh', 2, 3000) }),
    }),
    { kind: 'release', generation: 1 },
  ],
  [
    'after a pause',
    a.record({ ...open, ...closing }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ tasks: releaseFailed('ssh', 2, 100) }),
    }),
    { kind: 'wait' },
  ],
  [
    'one whose connection is lost each time is ended in the end',
    a.record({ ...open, ...closing, wishedAt: a.now - 61_000 }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ tasks: releaseFailed('ssh', 4, 3000) }),
    }),
    { kind: 'terminate-instance' },
  ],
  [
    'one that refuses to let go twice is ended',
    a.record({ ...open, ...closing }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ tasks: releaseFailed('mount', 2, 100) }),
    }),
    { kind: 'terminate-instance' },
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
      1: a.onInstance({ link: a.silent(5, 50_000) }),
    }),
    { kind: 'terminate-instance' },
  ],
  [
    'one that was hardly asked is waited for, however long the laptop slept',
    a.record({ ...open, ...closing, wishedAt: a.now - 3_600_000 }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: a.silent(1, 3_500_000) }),
    }),
    { kind: 'wait' },
  ],
  [
    'one that was not asked since the daemon was started is asked, however long ago the wish was',
    a.record({ ...open, ...closing, wishedAt: a.now - 3_600_000 }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] })),
    { kind: 'connect', generation: 1 },
  ],
  [
    'one that had not answered for long before is ended soon',
    a.record({ ...open, ...closing, wishedAt: a.now - 6000 }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: a.silent(40, 600_000) }),
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
    'a fleet that was cancelled without its instance is over when that has ended',
    a.record({ ...open, ...closing, generations: [a.ready(1, { goneAt: a.now })] }),
    a.observation(a.cloud({ fleets: [fleet({ state: 'cancelled_running' })] })),
    { kind: 'retire-generation' },
  ],
  [
    'one that EC2 has cancelled and shows no more is over, too',
    a.record({ ...open, ...closing, generations: [a.ready(1, { goneAt: a.now, fleetCancelledAt: a.now })] }),
    a.observation(askedInVain, {}, { absences: new Map([['sfr-1', { since: a.now - 2000, answers: 5 }]]) }),
    { kind: 'retire-generation' },
  ],
  [
    'but not by a few answers, if nobody has cancelled it',
    a.record({ ...open, ...closing, generations: [a.ready(1, { goneAt: a.now })] }),
    a.observation(askedInVain, {}, { absences: new Map([['sfr-1', { since: a.now - 2000, answers: 5 }]]) }),
    { kind: 'wait' },
  ],
  [
    'one that was cancelled without its instance is not over before that has ended',
    a.record({ ...closing, generations: [requested] }),
    a.observation(a.cloud({ fleets: [fleet({ state: 'cancelled_running' })] })),
    { kind: 'wait' },
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
    a.observation(a.cloud({ instances: [a.instance('i-9', { tags: a.ownTags })] })),
    { kind: 'terminate-instance', instanceId: 'i-9' },
  ],
  [
    'with nothing left it is closed',
    a.record({ ...closing }),
    a.observation(a.cloud({})),
    { kind: 'finish-close' },
  ],
]);
