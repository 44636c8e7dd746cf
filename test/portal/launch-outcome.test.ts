// The record after each thing that may come of a launch, and what is told of it.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  withEnd,
  withInstance,
  withNotice,
  withReady,
  withRefusal,
} from '../../daemon/portal/launch-outcome.ts';
import { launchTrouble } from '../../daemon/portal/launch-trouble.ts';
import type { Notice, PortalRecord } from '../../daemon/portal/record.ts';
import { unansweredPauseMs, withUnanswered } from '../../daemon/portal/unanswered.ts';
import { first, notice, planned, requested } from './scenes.ts';
import * as a from './world.ts';

const poolsOf = ({ pools }: PortalRecord): string[] => pools.map((one) => `${one.kind} ${one.failures}`);
const refused = { kind: 'quota', message: 'no room' } as const;

suite('a machine that was of no use counts against its pool', () => {
  const rows: [string, PortalRecord, wanted: string[]][] = [
    [
      'one that ended before the portal was open on it',
      withEnd(a.record(first), 1, 'x', a.now, 0),
      ['ended-early 1'],
    ],
    ['one that was given notice before', withNotice(a.record(first), 1, notice, a.now, 0), ['ended-early 1']],
    [
      'only once, when it ends after the notice',
      withEnd(withNotice(a.record(first), 1, notice, a.now, 0), 1, 'x', a.now, 0),
      ['ended-early 1'],
    ],
    [
      'not one on which the portal was open',
      withEnd(a.record({ generations: [a.ready(1)], everOpen: true }), 1, 'x', a.now, 0),
      [],
    ],
    [
      'not one that stood by for long',
      withNotice(
        a.record({ generations: [a.generation(1, { adoptedAt: a.now - 600_000 })] }),
        1,
        notice,
        a.now,
        0,
      ),
      [],
    ],
    [
      'not one that portald gave up itself',
      withEnd(a.record({ generations: [a.generation(1, { abandonedAt: a.now })] }), 1, 'x', a.now, 0),
      [],
    ],
    [
      'not one of a portal that is closed',
      withEnd(a.record({ ...first, wish: 'closed' }), 1, 'x', a.now, 0),
      [],
    ],
    [
      'not a request without a machine',
      withEnd(a.record({ generations: [requested] }), 1, 'x', a.now, 0),
      [],
    ],
  ];
  for (const [sentence, { pools }, wanted] of rows)
    test(sentence, () =>
      assert.deepEqual(
        pools.map((one) => `${one.kind} ${one.failures}`),
        wanted,
      ),
    );
});

test('it is told how long it lived, why it ended as EC2 says, and what can be done', () => {
  const rows: [string, RegExp][] = [
    ['Client.InternalError', /KMS/],
    ['Client.InvalidSnapshot.NotFound', /image_id/],
    ['Client.VolumeLimitExceeded', /quota/],
    ['Client.UserInitiatedShutdown', /somebody ended it/],
    ['Client.InstanceInitiatedShutdown', /shut itself down/],
    ['Server.InsufficientInstanceCapacity', /instance_types/],
    ['Server.SpotInstanceTermination', /instance_types/],
    ['something new', /EC2 console/],
  ];
  for (const [reason, hint] of rows) {
    const record = a.record({ generations: [a.generation(1, { adoptedAt: a.now - 3000 })] });
    const [trouble] = withEnd(record, 1, reason, a.now, 0).pools;
    assert.match(trouble?.message ?? '', /^i-1 \(g5\.xlarge\) ended 3 s after it was launched/);
    assert.ok(trouble?.message.includes(reason));
    const noticed = withNotice(record, 1, { ...notice, seenBy: 'instance state', reason }, a.now, 0);
    assert.equal(noticed.pools[0]?.hint, trouble?.hint, 'also where its state tells before its end');
    assert.match(trouble?.hint ?? '', hint);
  }
});

const minute = 60_000;

test('the next machine does not make early ends forgotten, nor an open portal, but a machine that lasts', () => {
  const died = withEnd(a.record({ ...first, pools: [a.poolTrouble('quota')] }), 1, 'x', a.now, 0);
  assert.deepEqual(poolsOf(died), ['ended-early 2'], 'in a row, of whatever kind');
  const next = { ...died, generations: [{ ...requested, number: 2 }] };
  const launched = withInstance(next, { generation: 2, instanceId: 'i-2' }, a.now);
  assert.deepEqual(poolsOf(launched), ['ended-early 2']);
  const open = withReady(launched, 2, a.now);
  assert.deepEqual(poolsOf(open), ['ended-early 2']);
  const seenBy = 'spot request status';
  assert.deepEqual(poolsOf(withNotice(open, 2, { ...notice, seenBy }, a.now + minute, 0)), ['ended-early 2']);
  assert.deepEqual(poolsOf(withNotice(open, 2, { ...notice, seenBy }, a.now + 11 * minute, 0)), []);
  assert.deepEqual(poolsOf(withEnd(open, 2, 'x', a.now + 11 * minute, 0)), []);
});

test('a notice that only the machine itself reports, soon after the portal was open on it, counts, too', () => {
  const open = a.record({ generations: [a.ready(1, { adoptedAt: a.now })], everOpen: true });
  const noticed = (seenBy: Notice['seenBy'], afterMs: number): string[] =>
    poolsOf(withNotice(open, 1, { ...notice, seenBy }, a.now + afterMs, 0));
  assert.deepEqual(noticed('instance metadata', minute), ['ended-early 1']);
  assert.deepEqual(noticed('instance metadata', 11 * minute), []);
  assert.deepEqual(noticed('spot request status', minute), []);
});

test('one early end is no problem of a portal that was open before, a second one is', () => {
  const once = withNotice(a.record({ ...first, everOpen: true }), 1, notice, a.now, 0);
  assert.equal(launchTrouble(once, undefined, a.now), undefined);
  const opening = withNotice(a.record({ ...first, everOpen: false }), 1, notice, a.now, 0);
  assert.equal(launchTrouble(opening, undefined, a.now)?.kind, 'ended-early');
  const again = withNotice({ ...once, generations: [a.generation(2)] }, 2, notice, a.now, 0);
  assert.equal(launchTrouble(again, undefined, a.now)?.kind, 'ended-early');
});

test('the end of a machine makes room for what had none', () => {
  const pools = [
    a.poolTrouble('quota', 60_000, 'g4dn.xlarge'),
    a.poolTrouble('permission', 60_000, 'p3.2xlarge'),
  ];
  const open = a.record({ generations: [a.ready(1)], everOpen: true, pools });
  assert.deepEqual(
    withEnd(open, 1, 'x', a.now, 0).pools.map((one) => one.until - a.now),
    [0, 60_000],
  );
  const empty = a.record({ generations: [{ ...requested, abandonedAt: a.now }], everOpen: true, pools });
  assert.deepEqual(
    withEnd(empty, 1, 'x', a.now, 0).pools.map((one) => one.until - a.now),
    [60_000, 60_000],
    'a request that came to nothing makes none',
  );
});

test('what no other type would cure fails an opening at once; an open portal goes on', () => {
  const opening = a.record({ generations: [planned] });
  assert.equal(withRefusal(opening, 1, refused, a.now, 0).wish, 'open');
  const failed = withRefusal(opening, 1, { kind: 'permission', message: 'no' }, a.now, 0);
  assert.deepEqual([failed.wish, failed.failure?.message, failed.generations], ['closed', 'no', []]);
  const open = withRefusal(
    { ...opening, everOpen: true },
    1,
    { kind: 'permission', message: 'no' },
    a.now,
    0,
  );
  assert.deepEqual([open.wish, poolsOf(open)], ['open', ['permission 1']]);
});

test('a request without an answer is repeated after 3 s, doubling to 30 s', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 99].map((failures) => unansweredPauseMs(failures, 0)),
    [3000, 6000, 12_000, 24_000, 30_000, 30_000],
  );
  const failure = { kind: 'endpoint', message: 'no answer' } as const;
  const once = withUnanswered(a.record({ generations: [planned] }), 1, { ...failure, at: a.now }, 0);
  const twice = withUnanswered(once, 1, { ...failure, at: a.now + 3000 }, 0);
  const { at, failures, notBefore } = twice.generations[0]?.unanswered ?? {};
  assert.deepEqual([at, failures, notBefore], [a.now, 2, a.now + 9000]);
  assert.equal(launchTrouble(twice, twice.generations[0], a.now)?.nextAttemptAt, a.now + 9000);
});

suite('why there is no machine is told, with the time of the next attempt', () => {
  const rows: [
    string,
    Partial<PortalRecord>,
    worker: number | undefined,
    ReturnType<typeof launchTrouble> | undefined,
  ][] = [
    ['nothing to tell', { generations: [planned] }, 0, undefined],
    [
      'all pools rest',
      { pools: [a.poolTrouble('quota', 5000)] },
      undefined,
      { kind: 'quota', message: 'quota', since: a.now, nextAttemptAt: a.now + 5000 },
    ],
    [
      'the next attempt is under way',
      { pools: [a.poolTrouble('quota', 0)], generations: [planned] },
      0,
      { kind: 'quota', message: 'quota', since: a.now },
    ],
    ['an open portal', { pools: [a.poolTrouble('quota')], generations: [a.ready(1)] }, 0, undefined],
    ['a portal that is closed', { pools: [a.poolTrouble('quota')], wish: 'closed' }, undefined, undefined],
  ];
  for (const [sentence, change, index, wanted] of rows) {
    test(sentence, () => {
      const record = a.record(change);
      const worker = index === undefined ? undefined : record.generations[index];
      assert.deepEqual(launchTrouble(record, worker, a.now), wanted);
    });
  }
});
