// Values of the specification that have the right form and cannot be meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyFieldAsYaml } from './original-document.ts';
import { told } from './parsing.ts';

test('the same volume, device or mount point twice', () => {
  const volume = '  - volume_id: vol-1\n    device: /dev/xvdf\n    mount_point: /home/ubuntu/workspace\n';
  assert.ok(everyFieldAsYaml.includes(volume));
  const twice = everyFieldAsYaml.replace(volume, volume + volume.replace('workspace', 'workspace/'));
  assert.deepEqual(told(twice), [
    '23:16 persistent_volumes[1].volume_id: "vol-1" is already used by persistent_volumes[0]',
    '24:13 persistent_volumes[1].device: "/dev/xvdf" is already used by persistent_volumes[0]',
    '25:18 persistent_volumes[1].mount_point: "/home/ubuntu/workspace/" is already used by persistent_volumes[0]',
  ]);
});

test('a mount point inside another; mistakes of form and combination at once', () => {
  const volume = '  - volume_id: vol-1\n    device: /dev/xvdf\n    mount_point: /home/ubuntu/workspace\n';
  const inner = volume.replace('vol-1', 'vol-2').replace('workspace', 'workspace/data');
  const wrong = everyFieldAsYaml.replace(volume, volume + inner).replace('image_id: ami-1', 'image_id: 7');
  assert.deepEqual(told(wrong), [
    '3:13 spot_instance.image_id: must be a string: put it in quotes (Id of the machine image, ami-…)',
    '24:13 persistent_volumes[1].device: "/dev/xvdf" is already used by persistent_volumes[0]',
    '25:18 persistent_volumes[1].mount_point: "/home/ubuntu/workspace/data" lies inside the mount point of persistent_volumes[0]; give each volume a folder of its own',
  ]);
});

test('an inbound channel that would delete the last copies', () => {
  const deleting = (path: string, volume = '/home/ubuntu/workspace'): string[] =>
    told(
      everyFieldAsYaml
        .replace('mount_point: /home/ubuntu/workspace', `mount_point: ${volume}`)
        .replace(
          '    remote_path: /home/ubuntu/workspace/results/',
          `    remote_path: ${path}\n    delete: true`,
        ),
    );
  assert.deepEqual(deleting('/home/ubuntu/workspace/results/'), []);
  assert.deepEqual(deleting('~/workspace/results'), []);
  assert.deepEqual(deleting('workspace'), []);
  for (const path of [
    '/home/ubuntu/results/',
    '/home/ubuntu/workspaces',
    '/home/ubuntu/workspace/../results/',
    '~/results',
  ])
    assert.match(
      deleting(path).join(),
      /^\d+:13 channels\[1\]\.delete: would delete the last copies here .* lies on none/,
    );
  // One mistake is enough.
  assert.equal(deleting('~/results', '/').length, 1);
});

test('the home folder of another user, which only a shell knows', () => {
  const wrong = everyFieldAsYaml
    .replace(/identity_file: .*/, 'identity_file: ~bob/key')
    .replace(/local_path: .*/, 'local_path: ~bob/code/')
    .replace('remote_path: /home/ubuntu/workspace/results/', 'remote_path: ~workspace');
  const found = told(wrong);
  assert.equal(found.length, 3);
  assert.match(
    found[0] ?? '',
    /^5:18 spot_instance\.identity_file: ~bob\/key begins with the home folder of a user/,
  );
  assert.match(
    found[1] ?? '',
    /channels\[0\]\.local_path: ~bob\/code\/ begins .* or \.\/~bob\/code\/ for what/,
  );
  assert.match(found[2] ?? '', /channels\[1\]\.remote_path: ~workspace begins/);
});

test('a place of the system for a volume', () => {
  const at = (mountPoint: string): string[] =>
    told(everyFieldAsYaml.replace('mount_point: /home/ubuntu/workspace', `mount_point: ${mountPoint}`));
  for (const folder of [
    '/etc',
    '/etc/x/',
    '//etc',
    '/usr/share',
    '/usr/local',
    '/home',
    '/var',
    '/var/lib',
    '/dev/shm',
  ]) {
    assert.deepEqual(at(folder), [
      `22:18 persistent_volumes[0].mount_point: ${folder} is a folder of the system, which would be hidden; ` +
        'name a folder of its own, for example /data or /home/ubuntu/workspace',
    ]);
  }
  assert.match(at('/').join(), /: \/ is the root of the whole system; name a folder of its own/);
  assert.match(at('//.').join(), /must not have "\."/);
  assert.match(at('/home/ubuntu/').join(), /nobody could log in; .* or \/home\/ubuntu\/workspace$/);
  const fine = [
    '/data',
    '/mnt',
    '/mnt/x',
    '/home/ubuntu/x',
    '/home/other',
    '/opt/x',
    '/var/lib/docker',
    '/usr/local/x',
  ];
  for (const folder of [...fine, '/devices', '/home/ubuntu/etc']) assert.deepEqual(at(folder), [], folder);
});

test('a device that is not to be had', () => {
  const as = (device: string): string[] => told(everyFieldAsYaml.replace('/dev/xvdf', device));
  for (const device of ['/dev/sda', '/dev/sda1', '/dev/xvda']) {
    assert.deepEqual(as(device), [
      `21:13 persistent_volumes[0].device: ${device} is the name of the instance's own disk; take one of /dev/sdf to /dev/sdp`,
    ]);
  }
  assert.match(as('/dev/nvme1n1').join(), /only the instance itself gives/);
  for (const device of ['/dev/sdf', '/dev/xvdba', '/dev/sdaa']) assert.deepEqual(as(device), [], device);
});
