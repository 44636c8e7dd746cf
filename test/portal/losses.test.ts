// What is told of an instance that ended without letting its volumes go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftByPause, leftWithoutRunning, lossesOf } from '../../daemon/portal/losses.ts';
import type { ChannelView } from '../../protocol/portal-view.ts';
import * as a from './world.ts';

const channel = (remotePath: string, change: Partial<ChannelView> = {}): ChannelView => ({
  index: 0,
  direction: 'in',
  localPath: '/home/me/results/',
  remotePath,
  state: 'stopped',
  synchronisations: 1,
  files: 0,
  bytes: 0,
  isPending: false,
  ...change,
});
const holding = a.record({ generations: [a.ready(1)], holder: 1, everOpen: true });

test('an instance that died with its volumes mounted is told with what was not fetched', () => {
  assert.deepEqual(
    lossesOf(holding, 1, [
      channel('/scratch/', { lastSynchronisedAt: '2026-11-24T12:00:00.000Z' }),
      channel('/tmp/out'),
      channel('/home/ubuntu/data/results/'),
      channel('/scratch/code', { direction: 'out' }),
    ]),
    [
      'i-1 ended before vol-1 was unmounted: what was not flushed is lost; the file system is checked before it is mounted again',
      'what was written to /scratch/ on i-1 after 2026-11-24T12:00:00.000Z was not fetched',
      'nothing of /tmp/out was fetched before i-1 ended',
    ],
  );
});

test('one that had let its volumes go, or never had them, took nothing', () => {
  const released = { ...holding, generations: [a.ready(1, { releasedAt: a.now })] };
  assert.deepEqual(lossesOf(released, 1, [channel('/scratch/')]), []);
  assert.deepEqual(lossesOf({ ...holding, holder: 0 }, 1, [channel('/scratch/')]), []);
});

test('what channels that did not run at the closing have not carried is told', () => {
  const last = '2026-11-24T12:00:00.000Z';
  assert.deepEqual(
    leftWithoutRunning(holding, [
      channel('/home/ubuntu/data/code', { direction: 'out', localPath: '/code/', lastSynchronisedAt: last }),
      channel('/home/ubuntu/data/results/', { index: 1, lastSynchronisedAt: last }),
      channel('/scratch/', { index: 2, lastSynchronisedAt: last }),
      channel('/scratch/', { index: 3 }),
      channel('/scratch/', { index: 4, state: 'paused', lastSynchronisedAt: last }),
    ]),
    [
      `channel 0 was not running: files saved in /code/ after ${last} were not sent, and stay there`,
      `channel 1 was not running: files written to /home/ubuntu/data/results/ after ${last} were not fetched (they stay on the volume)`,
      `channel 2 was not running: files written to /scratch/ after ${last} were not fetched (they are lost with the instance)`,
      'channel 3 was not running: files written to /scratch/ meanwhile were not fetched (they are lost with the instance)',
    ],
  );
  assert.deepEqual(leftWithoutRunning({ ...holding, everOpen: false }, [channel('/scratch/')]), []);
});

test('what paused channels have not carried is told when their instance is left', () => {
  const paused = { state: 'paused' } as const;
  const channels = [
    channel('/home/ubuntu/data/code', { ...paused, direction: 'out' }),
    channel('/home/ubuntu/data/more', { direction: 'out', index: 1 }),
    channel('/home/ubuntu/data/results/', { ...paused, index: 2 }),
    channel('/scratch/', { ...paused, index: 3 }),
    channel('/tmp/out', { index: 4 }),
  ];
  const lost =
    'channel 3 is paused: what was written to /scratch/ meanwhile was not fetched and is lost with the instance';
  assert.deepEqual(leftByPause({ ...holding, wish: 'closed' }, channels), [
    'channel 0 is paused: what was saved in /home/me/results/ meanwhile, if anything, stays there and was not sent',
    'channel 2 is paused: what was written to /home/ubuntu/data/results/ meanwhile was not fetched and stays on the volume',
    lost,
  ]);
  assert.deepEqual(leftByPause(holding, channels), [lost]);
});
