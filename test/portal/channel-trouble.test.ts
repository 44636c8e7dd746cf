// What is told of channels that fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChannelTrouble } from '../../daemon/portal/channel-trouble.ts';
import type { ChannelView } from '../../protocol/portal-view.ts';
import * as a from './world.ts';

const channel = (change: Partial<ChannelView>): ChannelView => ({
  index: 0,
  direction: 'out',
  localPath: '/code/',
  remotePath: '/code',
  state: 'idle',
  synchronisations: 1,
  files: 0,
  bytes: 0,
  isPending: false,
  ...change,
});
const failing = (error: string, agoMs: number): ChannelView =>
  channel({ state: 'retrying', error, failingSince: new Date(a.now - agoMs).toISOString() });

test('a failure that lasts is told once, and its end', () => {
  const trouble = createChannelTrouble();
  assert.deepEqual(trouble.news([failing('disk full', 5000)], a.now), []);
  assert.deepEqual(trouble.news([failing('disk full', 11_000)], a.now), [
    { level: 'warning', text: 'channel 0: disk full' },
  ]);
  assert.deepEqual(trouble.news([failing('disk full', 20_000)], a.now), []);
  assert.equal(trouble.news([failing('no such folder', 20_000)], a.now).length, 1);
  assert.deepEqual(trouble.news([failing('disk full', 30_000)], a.now), []);
  assert.deepEqual(trouble.news([channel({})], a.now), [{ level: 'info', text: 'channel 0 goes on' }]);
  assert.deepEqual(trouble.news([channel({})], a.now), []);
});

test('what passes by itself, and the end of one that is paused, are not told', () => {
  const trouble = createChannelTrouble();
  trouble.news([failing('disk full', 1000)], a.now);
  assert.deepEqual(trouble.news([channel({})], a.now), []);
  trouble.news([failing('disk full', 11_000)], a.now);
  assert.deepEqual(trouble.news([channel({ state: 'paused' })], a.now), []);
});
