// What a file system has at its root for itself is carried by no channel, in rsync's own words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountedChannels } from '../../daemon/portal/mounted-channels.ts';
import * as a from './world.ts';

const { specification } = a.record();
const [volume] = specification.persistent_volumes;
const mounted = { ...specification, persistent_volumes: [{ ...volume, mount_point: '/home/ubuntu/data' }] };

function excludedOf(channel: object): readonly string[] | undefined {
  const whole = {
    direction: 'out',
    local_path: '/here/',
    remote_path: '/home/ubuntu/data',
    recursive: true,
    ...channel,
  };
  return mountedChannels({ ...mounted, channels: [whole] } as typeof specification)[0]?.exclude;
}

test('at the root of a volume', () => {
  assert.deepEqual(excludedOf({}), ['/lost+found/']);
  assert.deepEqual(excludedOf({ remote_path: '/home/ubuntu/data/', exclude: ['*.tmp'] }), [
    '*.tmp',
    '/lost+found/',
  ]);
  assert.deepEqual(excludedOf({ direction: 'in', remote_path: '~/data/' }), ['/lost+found/']);
  assert.deepEqual(excludedOf({ direction: 'in' }), ['/data/lost+found/']);
  for (const path of ['~/data', 'data', './/data']) {
    assert.deepEqual(excludedOf({ direction: 'in', remote_path: path }), ['/data/lost+found/'], path);
  }
  assert.deepEqual(excludedOf({ direction: 'in', recursive: false }), ['/lost+found/']);
});

test('nowhere else', () => {
  for (const path of ['~/data/inner', '/data', '~/dat', '~', '/']) {
    assert.equal(excludedOf({ remote_path: path }), undefined, path);
  }
});
