// What is remembered of pools, and which may be asked for.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  hasOthers,
  hopeless,
  launchable,
  type PoolTrouble,
  poolRestMs,
  withFailure,
  withMachine,
  withRoom,
  withSuccess,
} from '../../daemon/portal/pools.ts';
import type { ErrorKind } from '../../protocol/errors.ts';
import { twoTypes } from './scenes.ts';
import * as a from './world.ts';

const [first, second] = ['g5.xlarge', 'g4dn.xlarge'] as const;
const listed = twoTypes(a.record()).specification;
const any = twoTypes(a.record(), { instance_types: [second], instance_types_order: 'any' }).specification;
const of = (kind: ErrorKind, forMs: number, type: string = first, failures = 1): PoolTrouble =>
  a.poolTrouble(kind, forMs, type, failures);

suite('how long a pool rests', () => {
  const rows: [string, ErrorKind, failures: number, ms: number][] = [
    ['without capacity: three minutes, in which others are tried', 'capacity', 0, 180_000],
    ['however often', 'price', 9, 180_000],
    ['a machine that ended early may have been bad luck', 'ended-early', 1, 0],
    ['a second one was not', 'ended-early', 2, 10_000],
    ['a third', 'ended-early', 3, 20_000],
    ['no room in the account: another machine may end soon', 'quota', 1, 10_000],
    ['not for long', 'quota', 4, 80_000],
    ['a type that does not fit the image', 'unsupported', 1, 10_000],
    ['what somebody must correct', 'permission', 1, 60_000],
    ['still', 'configuration', 3, 240_000],
    ['at most a quarter of an hour', 'quota', 99, 900_000],
    ['of whatever kind', 'configuration', 99, 900_000],
  ];
  for (const [sentence, kind, failures, ms] of rows)
    test(sentence, () => assert.equal(poolRestMs(kind, failures, 0), ms));
  test('chance spreads portals that failed together, by a quarter at the most', () => {
    assert.equal(poolRestMs('configuration', 1, 0.5), 67_500);
    assert.ok(poolRestMs('capacity', 1, 0.999) < 225_000);
  });
});

suite('which types may be asked for', () => {
  const rows: [string, typeof listed, PoolTrouble[], readonly string[] | number][] = [
    ['the first, while none has failed', listed, [], [first]],
    ['all of them in any order', any, [], [first, second]],
    ['the next, while the first rests', listed, [of('quota', 9000)], [second]],
    ['the first again once it has rested', listed, [of('quota', 0)], [first]],
    ['in any order all but those that rest', any, [of('ended-early', 9000)], [second]],
    [
      'all without capacity at once, when every other has been tried: AWS goes on trying for them',
      listed,
      [of('capacity', 9000), of('price', 5000, second)],
      [first, second],
    ],
    [
      'the one without capacity, when the other has no quota: it may come back at any time',
      listed,
      [of('capacity', 9000), of('quota', 5000, second)],
      [first],
    ],
    ['none while all rest', listed, [of('quota', 9000), of('ended-early', 5000, second)], a.now + 5000],
    [
      'one that is not of the specification any more does not count',
      listed,
      [of('quota', 9000, 'p3')],
      [first],
    ],
  ];
  for (const [sentence, specification, pools, wanted] of rows) {
    test(sentence, () => {
      const launch = launchable(specification, pools, a.now);
      assert.deepEqual('first' in launch ? launch.first.until : launch.types, wanted);
    });
  }
});

suite('whether another type is to be tried beside one without capacity', () => {
  const rows: [string, PoolTrouble[], requested: readonly string[], boolean][] = [
    ['one that has not failed', [], [first], true],
    ['one that has rested', [of('quota', 0, second)], [first], true],
    ['one without capacity, to be waited for together', [of('capacity', 9000, second)], [first], true],
    ['not one that rests for another reason', [of('quota', 9000, second)], [first], false],
    ['not when all are requested', [], [first, second], false],
  ];
  for (const [sentence, pools, requested, wanted] of rows)
    test(sentence, () => assert.equal(hasOthers(listed, pools, requested, a.now), wanted));
});

suite('whether an opening has no prospect', () => {
  const rows: [string, PoolTrouble[], ErrorKind | undefined][] = [
    ['not while a type is untried', [of('quota', 9000)], undefined],
    ['not while one may get capacity', [of('capacity', 9000), of('quota', 9000, second)], undefined],
    ['when the account has no room for any', [of('quota', 0), of('quota', 0, second)], 'quota'],
    ['when none fits the image', [of('unsupported', 0), of('unsupported', 0, second)], 'unsupported'],
    [
      'not after two machines that ended early',
      [of('ended-early', 0, first, 2), of('quota', 0, second)],
      undefined,
    ],
    ['after three of them', [of('quota', 0), of('ended-early', 0, second, 3)], 'ended-early'],
  ];
  for (const [sentence, pools, kind] of rows)
    test(sentence, () => assert.equal(hopeless(listed, pools)?.kind, kind));
});

test('failures are counted in a row, whatever their kind; those for want of capacity neither count nor begin anew', () => {
  const failure = (kind: ErrorKind) => ({ kind, message: `for ${kind}` });
  let pools: PoolTrouble[] = [];
  const fails = (kind: ErrorKind, at: number): PoolTrouble => {
    pools = withFailure(pools, [first], failure(kind), at, 0);
    const [only, ...more] = pools;
    assert.deepEqual(more, []);
    assert.ok(only !== undefined);
    return only;
  };
  assert.deepEqual(fails('ended-early', 1000), {
    instanceType: first,
    kind: 'ended-early',
    message: 'for ended-early',
    failures: 1,
    since: 1000,
    at: 1000,
    until: 1000,
  });
  assert.deepEqual([fails('capacity', 2000).failures, fails('quota', 3000).failures], [1, 2]);
  const again = fails('quota', 4000);
  assert.deepEqual([again.failures, again.since, again.until], [3, 3000, 44_000]);
});

test('a pool that has not failed for half an hour after its rest is forgotten', () => {
  const old = { ...of('quota', 0), until: 1000 };
  assert.equal(withFailure([old], [second], { kind: 'quota', message: '' }, 1_801_000, 0).length, 1);
  assert.equal(withFailure([old], [second], { kind: 'quota', message: '' }, 1_800_999, 0).length, 2);
});

test('a machine clears its pool but for early ends, an open portal clears all, room lets quotas be tried', () => {
  const pools = [of('capacity', 9000), of('ended-early', 9000, second), of('quota', 9000, 'p3.2xlarge')];
  const kinds = (some: PoolTrouble[]): ErrorKind[] => some.map((one) => one.kind);
  assert.deepEqual(kinds(withMachine(pools, [first, second])), ['ended-early', 'quota']);
  assert.deepEqual(kinds(withSuccess(pools, [first, second])), ['quota']);
  assert.deepEqual(
    withRoom(pools, a.now).map((one) => one.until - a.now),
    [9000, 9000, 0],
  );
});
