// Waiting for EC2: a bad network is borne for a while, a refusal is told with what goes on, and an end is an end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../daemon/ec2/wait-until.ts';
import { PortalError } from '../../protocol/errors.ts';

type Answer = number | PortalError;

/** Waits for the answer 3, with these answers one after the other. */
function waiting(answers: readonly Answer[], signal = new AbortController().signal): Promise<string> {
  const left = [...answers];
  return waitUntil({
    ask() {
      const next = left.shift() ?? 0;
      return typeof next === 'number' ? Promise.resolve(next) : Promise.reject(next);
    },
    judge(seen) {
      if (seen < 0) throw new PortalError('volume', 'it never will be');
      return seen === 3 ? 'three' : undefined;
    },
    goesOn: 'it is still being counted',
    signal,
    sleep: () => Promise.resolve(),
  });
}

const silence = new PortalError('endpoint', 'no answer');

test('the answer is waited for, through lost answers and throttling', async () => {
  const throttled = new PortalError('throttled', 'too often');
  assert.equal(await waiting([1, silence, throttled, silence, silence, 2, silence, silence, 3]), 'three');
});

test('what goes on is told when it cannot be followed', async () => {
  const refusal = new PortalError('permission', 'you may not look', { hint: 'ask' });
  await assert.rejects(waiting([1, refusal]), {
    kind: 'permission',
    message: 'it is still being counted, but cannot be followed: you may not look',
    hint: 'ask',
  });
  await assert.rejects(waiting(Array.from({ length: 9 }, () => silence)), { kind: 'endpoint' });
});

test('what never will be ends the waiting, and so does who waits no longer', async () => {
  await assert.rejects(waiting([1, -1]), { message: 'it never will be' });
  await assert.rejects(waiting([1], AbortSignal.abort()), {
    kind: 'cancelled',
    message: 'no longer waiting: it is still being counted',
  });
});
