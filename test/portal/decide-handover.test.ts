// Decision tables: from one instance to the next.
import type { TaskStatus } from '../../daemon/portal/observation.ts';
import { table } from './decision-table.ts';
import {
  both,
  drained,
  failed,
  interrupted,
  mountedOnly,
  moving,
  notice,
  open,
  planned2,
  released,
  steady,
  unanswered,
} from './scenes.ts';
import * as a from './world.ts';

/** The replacement has a notice itself, before it took the volumes over; the next is planned. */
const doomed = {
  ...open,
  holder: 0,
  generations: [a.generation(2, { notice }), { ...planned2(), number: 3, unanswered }],
};

/** Likewise, after it began to mount them. */
const mounting = {
  ...doomed,
  generations: [
    a.generation(2, { notice, mountingAt: a.now - 1000 }),
    { ...planned2(), number: 3, unanswered },
  ],
};

const stubborn = (release: TaskStatus = failed) => ({
  1: a.onInstance({
    tasks: new Map([
      ['drain', { state: 'done', attempts: 1, since: a.now - 60_000 }],
      ['release', release],
    ]),
  }),
  2: a.onInstance(),
});

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
      generations: [a.ready(1, { notice }), { ...planned2(), unanswered }],
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
      generations: [
        a.ready(1, { notice: { ...notice, deadline: a.now + 20_000 } }),
        { ...planned2(), unanswered },
      ],
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
    'one that was given notice before it took over what it had mounted lets go of it first',
    a.record({
      ...mountedOnly,
      generations: [a.generation(1, { notice, mountingAt: a.now }), a.generation(2)],
    }),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1')] }), {
      1: a.onInstance(),
      2: a.onInstance(),
    }),
    { kind: 'release', generation: 1 },
  ],
  [
    'one that may have it mounted is not ended because an answer leaves the attachment out',
    a.record({
      ...mountedOnly,
      generations: [a.generation(1, { notice, mountingAt: a.now }), a.generation(2)],
    }),
    a.observation(a.cloud({ instances: both, volumes: [{ ...a.volume(), state: 'in-use' }] }), {
      1: a.onInstance({ link: a.silent(3, 5000), transport: false }),
      2: a.onInstance(),
    }),
    { kind: 'wait' },
  ],
  [
    'one that was given notice before it mounted anything has its volume taken away at once',
    a.record({ ...mountedOnly, generations: [a.generation(1, { notice }), a.generation(2)] }),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1')] }), {
      1: a.onInstance(),
      2: a.onInstance(),
    }),
    { kind: 'detach-volume', instanceId: 'i-1' },
  ],
  [
    'a drain that the release cut off is not taken up again beside it',
    a.record({
      ...interrupted,
      generations: [
        a.ready(1, { notice: { ...notice, deadline: a.now + 20_000 } }),
        { ...planned2(), unanswered },
      ],
    }),
    a.observation(undefined, {
      1: a.onInstance({
        tasks: new Map([
          ['drain', { state: 'failed', attempts: 1, since: a.now - 60_000 }],
          ['release', { state: 'running', attempts: 1, since: a.now - 60_000 }],
        ]),
      }),
    }),
    { kind: 'wait' },
  ],
  [
    'one that does not let go is ended, so that its own shutdown unmounts the volumes',
    a.record(moving),
    a.observation(a.cloud({ instances: both, volumes: [a.volume('i-1')] }), stubborn()),
    { kind: 'terminate-instance', instanceId: 'i-1' },
  ],
  [
    'but not because the connection was lost each time: that is no refusal',
    a.record(moving),
    a.observation(
      a.cloud({ instances: both, volumes: [a.volume('i-1')] }),
      stubborn({ ...failed, difficulty: { kind: 'ssh', message: 'not connected', since: a.now } }),
    ),
    { kind: 'release', generation: 1 },
  ],
  [
    'nor while EC2 is silent: it is asked again to let go',
    a.record(moving),
    a.observation(undefined, stubborn()),
    { kind: 'release', generation: 1 },
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
    'a volume is not detached from a replacement with a notice that is just mounting it',
    a.record(mounting),
    a.observation(a.cloud({ instances: [a.instance('i-2')], volumes: [a.volume('i-2')] }), {
      2: a.onInstance({
        mounts: a.mounted(false),
        tasks: new Map([['mount-volumes', { state: 'running', attempts: 1, since: a.now - 1000 }]]),
      }),
    }),
    { kind: 'wait' },
  ],
  [
    'nor from one where a mounting failed: it may have mounted some',
    a.record(mounting),
    a.observation(a.cloud({ instances: [a.instance('i-2')], volumes: [a.volume('i-2')] }), {
      2: a.onInstance({ mounts: a.mounted(false), tasks: new Map([['mount-volumes', failed]]) }),
    }),
    { kind: 'wait' },
  ],
  [
    'from one that never tried to mount it, it is',
    a.record(doomed),
    a.observation(a.cloud({ instances: [a.instance('i-2')], volumes: [a.volume('i-2')] }), {
      2: a.onInstance({ mounts: a.mounted(false) }),
    }),
    { kind: 'detach-volume', instanceId: 'i-2' },
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
]);
