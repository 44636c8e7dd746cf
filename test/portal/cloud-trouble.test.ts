// What is told of EC2 when it refuses us, or does not answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCloudTrouble } from '../../daemon/portal/cloud-trouble.ts';
import * as a from './world.ts';

const expired = {
  kind: 'credentials',
  message: 'Request has expired.',
  hint: 'log in',
  since: a.now,
} as const;
const silent = { kind: 'endpoint', message: 'no clear answer', since: a.now } as const;

test('credentials that EC2 refuses are told at once, once, and that it answers again', () => {
  const trouble = createCloudTrouble();
  assert.deepEqual(trouble.news(expired, a.now), [
    { level: 'warning', text: 'Request has expired. (log in)' },
  ]);
  assert.deepEqual(trouble.news(expired, a.now + 60_000), []);
  assert.deepEqual(trouble.news(undefined, a.now + 61_000), [
    { level: 'info', text: 'EC2 can be asked about this portal again' },
  ]);
  assert.deepEqual(trouble.news(undefined, a.now + 62_000), []);
  assert.equal(trouble.news(expired, a.now + 63_000).length, 1);
});

test('silence is told once it lasts; one that passes by itself is not, nor is its end', () => {
  const trouble = createCloudTrouble();
  assert.deepEqual(trouble.news(silent, a.now + 9000), []);
  assert.deepEqual(trouble.news(undefined, a.now + 9500), []);
  assert.deepEqual(trouble.news(silent, a.now + 11_000), [{ level: 'warning', text: 'no clear answer' }]);
  assert.deepEqual(trouble.news({ ...silent, message: 'of another question' }, a.now + 12_000), []);
  assert.equal(trouble.news({ ...expired, kind: 'permission', message: 'not this' }, a.now).length, 1);
  assert.equal(trouble.news({ ...expired, kind: 'permission', message: 'nor that' }, a.now).length, 1);
});
