// Decision tables: a portal at rest.
import { table } from './decision-table.ts';
import { open, steady } from './scenes.ts';
import * as a from './world.ts';

const absent = (forMs: number, answers: number) => new Map([['i-1', { since: a.now - forMs, answers }]]);
const assumed = { deadline: a.now + 119_000, seenBy: 'spot request status', seenAt: a.now - 1000 } as const;

table(
  'an end that no notice of AWS names',
  [Date.parse('9999-01-01T00:00:00Z'), a.now + 601_000, a.now - 601_000].map((deadline) => [
    `two minutes are assumed instead of ${new Date(deadline).toISOString()}`,
    a.record(open),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: { ...a.connected, notice: { action: 'terminate', deadline } } }),
    }),
    {
      kind: 'note-notice',
      notice: {
        deadline: a.now + 120_000,
        seenBy: 'instance metadata',
        seenAt: a.now,
        reason: `it names ${new Date(deadline).toISOString()} as its end`,
      },
    },
  ]),
);

table('open', [
  [
    'a portal at rest waits',
    a.record(open),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), steady, {
      channelsOn: 1,
    }),
    { kind: 'wait', ms: 4000 },
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
    a.observation(a.cloud({}), steady, { channelsOn: 1, absences: absent(60_000, 100) }),
    { kind: 'wait' },
  ],
  [
    'an instance that few answers have not shown is not gone, however long ago: the laptop may have slept',
    a.record(open),
    a.observation(a.cloud({}), steady, { channelsOn: 1, absences: absent(3_600_000, 3) }),
    { kind: 'wait' },
  ],
  [
    'an instance that EC2 has not shown for long is gone',
    a.record(open),
    a.observation(
      a.cloud({}),
      { 1: a.onInstance({ link: a.silent(40, 120_000) }) },
      { absences: absent(120_000, 12) },
    ),
    { kind: 'note-gone', generation: 1 },
  ],
  [
    'an instance that answers by SSH is not gone, however long EC2 has not shown it',
    a.record(open),
    a.observation(a.cloud({}), steady, { channelsOn: 1, absences: absent(3_600_000, 1000) }),
    { kind: 'wait' },
  ],
  [
    'an instance is not gone by the time that passes while EC2 is silent',
    a.record(open),
    a.observation(undefined, steady, { channelsOn: 1, absences: absent(3_600_000, 12) }),
    { kind: 'wait' },
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
    'a deadline that was assumed gives way to an earlier one that the metadata tell',
    a.record({ ...open, generations: [a.ready(1, { notice: assumed })] }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({ link: { ...a.connected, notice: { action: 'terminate', deadline: a.now + 5 } } }),
    }),
    { kind: 'note-notice', notice: { deadline: a.now + 5, seenBy: 'instance metadata', seenAt: a.now } },
  ],
  [
    'and not to a later one',
    a.record({ ...open, generations: [a.ready(1, { notice: assumed })] }),
    a.observation(a.cloud({ instances: [a.instance('i-1')], volumes: [a.volume('i-1')] }), {
      1: a.onInstance({
        link: { ...a.connected, notice: { action: 'terminate', deadline: a.now + 119_500 } },
      }),
    }),
    { kind: 'begin-generation' },
  ],
  [
    "an instance with our tags that no spot fleet launched is somebody else's: it is left alone",
    a.record(open),
    a.observation(
      a.cloud({
        instances: [
          a.instance('i-1'),
          a.instance('i-theirs', { tags: { 'portald:portal': 'gpu', 'portald:opening': 'opening' } }),
        ],
        volumes: [a.volume('i-1')],
      }),
      steady,
      { channelsOn: 1 },
    ),
    { kind: 'wait' },
  ],
  [
    'a stray instance with our tags is ended',
    a.record(open),
    a.observation(
      a.cloud({
        instances: [a.instance('i-1'), a.instance('i-stray', { tags: a.ownTags })],
        volumes: [a.volume('i-1')],
      }),
      steady,
      { channelsOn: 1 },
    ),
    { kind: 'terminate-instance', instanceId: 'i-stray' },
  ],
  [
    'an instance of another opening of the same name is left to the sweep: its record may have been set aside',
    a.record(open),
    a.observation(
      a.cloud({
        instances: [
          a.instance('i-1'),
          a.instance('i-before', { tags: { ...a.ownTags, 'portald:opening': 'before' } }),
        ],
        volumes: [a.volume('i-1')],
      }),
      steady,
      { channelsOn: 1 },
    ),
    { kind: 'wait' },
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
