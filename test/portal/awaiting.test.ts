// Waiting for EC2: how often it is asked, and from when on a wait is a problem.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Awaited, awaiting, pollMs } from '../../daemon/portal/awaiting.ts';
import { noteShown, type Shown } from '../../daemon/portal/shown-since.ts';
import * as a from './world.ts';

test('what changes is looked at soon, what does not less and less often', () => {
  const rows = [0, 2000, 8000, 32_000, 3_600_000].map((forMs) => pollMs(forMs));
  assert.deepEqual(rows, [250, 250, 1000, 4000, 4000]);
});

suite('a wait becomes a problem', () => {
  const minute = 60_000;
  const rows: [Awaited, afterMs: number, message: RegExp, hint: RegExp][] = [
    ['instance to run', 5 * minute, /x as pending for more than 5 minutes/, /portalctl close/],
    ['instance to be shown', 2 * minute, /does not show x/, /console/],
    ['public address', minute, /x has no public IP address/, /subnet/],
    ['instance to end', 10 * minute, /ending x for more than 10 minutes/, /costs nothing/],
    ['fleet to end', 5 * minute, /cancelling spot fleet x/, /console/],
    ['fleet to be shown', 2 * minute, /does not show spot fleet x/, /console/],
    ['volume to be shown', minute, /does not show volume x/, /snapshot/],
    ['volume to be available', minute, /volume x is more/, /console/],
    ['failed volume', 0, /volume x is in state error/, /restore its last snapshot/],
    ['volume to be free', 10_000, /attached to more, which is not this portal's/, /detach it there/],
    ['volume to be attached', 3 * minute, /attaching x to more/, /nothing of it is mounted/],
    [
      'mounted volume to be detached',
      5000,
      /a detach of x from more was requested outside portald/,
      /do not force the detach/,
    ],
    ['volume to be detached', 2 * minute, /detaching x from more/, /has not written yet is lost/],
  ];
  for (const [awaited, afterMs, message, hint] of rows) {
    test(awaited, () => {
      const after = (ms: number) => {
        const shownSince = new Map([['x', a.now - ms]]);
        const words = { what: 'waiting', reason: 'for it' };
        return awaiting(a.observation(undefined, {}, { shownSince }), awaited, 'x', words, 'more');
      };
      if (afterMs > 0) assert.equal(after(afterMs - 1).trouble, undefined);
      const { trouble, step, what } = after(afterMs);
      assert.match(trouble?.message ?? '', message);
      assert.match(trouble?.hint ?? '', hint);
      assert.deepEqual([step, what], [{ kind: 'wait', ms: pollMs(afterMs) }, 'waiting']);
      assert.equal(after(afterMs + 10 * minute).trouble?.message, trouble?.message, 'it is told once');
    });
  }
});

test('how long EC2 shows a thing as it is counts from its last change, also when it does not show it', () => {
  const shown = new Map<string, Shown>();
  const record = a.record({ generations: [a.generation(1)] });
  const see = (now: number, parts: Parameters<typeof a.cloud>[0]): Record<string, number> => {
    noteShown(shown, a.cloud(parts), record, now);
    return Object.fromEntries([...shown].map(([id, { since }]) => [id, since]));
  };
  const fleets = [{ id: 'sfr-1', state: 'active', instanceIds: [] }];
  const { address: _none, ...young } = a.instance('i-1');
  assert.deepEqual(see(1, { fleets }), { 'i-1': 1, 'sfr-1': 1, 'vol-1': 1 });
  assert.deepEqual(see(2, { fleets, instances: [young] }), { 'i-1': 2, 'sfr-1': 1, 'vol-1': 1 });
  const instances = [a.instance('i-1')];
  assert.deepEqual(see(3, { fleets, instances }), { 'i-1': 3, 'sfr-1': 1, 'vol-1': 1 });
  const attaching = [a.volume('i-1', 'attaching')];
  assert.deepEqual(see(4, { fleets, instances, volumes: attaching }), { 'i-1': 3, 'sfr-1': 1, 'vol-1': 4 });
  assert.deepEqual(see(5, { instances, volumes: [] }), { 'i-1': 3, 'sfr-1': 5, 'vol-1': 5 });
  noteShown(shown, a.cloud({}), a.record(), 6);
  assert.deepEqual([...shown.keys()], ['vol-1'], 'what is not on record is forgotten');
});
