// What a shell on the instance asks before it lists, writes or deletes: are the volumes there?
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { folderOnVolume, mountCheck, remoteRsync, unmountedError } from '../../daemon/channel/mount-check.ts';
import { rsyncArguments } from '../../daemon/channel/rsync-arguments.ts';
import { mountsOf } from '../../daemon/portal/mounted-channels.ts';
import * as a from '../portal/world.ts';

const identityOf = (path: string): string => `${statSync(path).dev}:${statSync(path).ino}`;

test('a shell goes on only where every mount point is what it was, whatever its name holds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portald-mount-'));
  try {
    for (const name of ['plain', "it's a $HOME `id` \\ \n one", '-n', 'ü']) {
      const point = join(folder, name);
      mkdirSync(point);
      const look = (identity: string): { status: number | null; stderr: string; stdout: string } => {
        const check = mountCheck([{ volumeId: 'vol-1a', point, identity }]);
        assert.doesNotMatch(check, /['\\\n!]/, 'every login shell takes it as one word');
        return spawnSync('sh', ['-c', `${check}echo on`], { encoding: 'utf8' });
      };
      assert.deepEqual([look(identityOf(point)).stdout, look(identityOf(point)).stderr], ['on\n', '']);
      const link = join(folder, `link to ${name.length}`);
      symlinkSync(point, link);
      const through = mountCheck([{ volumeId: 'vol-1a', point: link, identity: identityOf(point) }]);
      assert.equal(spawnSync('sh', ['-c', `${through}echo on`], { encoding: 'utf8' }).stdout, 'on\n');
      for (const identity of [identityOf(folder), 'none', '']) {
        const missing = look(identity);
        assert.deepEqual([missing.status, missing.stdout], [96, '']);
        assert.match(unmountedError(missing.stderr)?.message ?? '', /volume vol-1a is not mounted/);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('rsync is started in the folder, once that is found to be the volume', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portald-mount-'));
  try {
    const run = (point: string, enter: string | undefined) => {
      const mounts = [{ volumeId: 'vol-1a', point, identity: identityOf(folder) }];
      const program = remoteRsync(mounts, enter) ?? '';
      // In the place of rsync.
      return spawnSync(
        'sh',
        ['-c', `${program.replace('exec rsync "$@"', 'pwd; echo "$@"')} --server 'a  b'`],
        {
          encoding: 'utf8',
        },
      );
    };
    assert.equal(run(folder, folder).stdout, `${folder}\n--server a  b\n`);
    assert.equal(run('/', folder).status, 96);
    assert.notEqual(run(folder, join(folder, 'missing')).status, 0);
    assert.equal(run(folder, undefined).stdout.split('\n')[1], '--server a  b');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what else is said is no word of a volume', () => {
  for (const said of ['', 'portald finds unmounted: /etc', 'rsync: connection unexpectedly closed'])
    assert.equal(unmountedError(said), undefined);
});

suite('the volumes that a channel needs', () => {
  const { specification } = a.record();
  const mounted = [{ ...a.mounted()[0], identity: '259:2' } as const].map((one) => ({
    volumeId: 'vol-1',
    mounted: true,
    occupied: false,
    identity: one.identity,
  }));
  const rows: [remotePath: string, wanted: 'on' | 'above' | 'with dots' | 'elsewhere'][] = [
    ['/home/ubuntu/data/code/', 'on'],
    ['data/code', 'on'],
    ['~/data', 'on'],
    ['/home/ubuntu/data', 'on'],
    ['/home/ubuntu/', 'above'],
    ['/', 'above'],
    ['~', 'above'],
    ['data/../data/code', 'with dots'],
    ['/home/ubuntu/database', 'elsewhere'],
    ['code', 'elsewhere'],
  ];
  for (const [remotePath, wanted] of rows) {
    test(`${remotePath}: ${wanted}`, () => {
      const channel = {
        direction: 'out',
        local_path: '/a/',
        remote_path: remotePath,
        recursive: true,
      } as const;
      const mounts = mountsOf(channel, specification, mounted);
      assert.equal(mounts.length, wanted === 'elsewhere' ? 0 : 1);
      assert.equal(mounts[0]?.identity, wanted === 'elsewhere' ? undefined : '259:2');
      assert.equal(mounts[0]?.path !== undefined, wanted === 'on');
      assert.equal(folderOnVolume(channel, mounts, true), mounts[0]?.path);
      assert.equal(folderOnVolume({ ...channel, direction: 'in' }, mounts, true), undefined);
      assert.equal(
        folderOnVolume(channel, mounts, false),
        undefined,
        'a single file has no folder of its own',
      );
    });
  }
  test('one that is not known to be mounted is never found', () => {
    const [channel = assert.fail()] = specification.channels;
    const [mount] = mountsOf({ ...channel, remote_path: 'data' }, specification, []);
    assert.equal(mount?.identity, 'none');
  });
});

test('rsync is asked for by it in both directions', () => {
  const mounts = [{ volumeId: 'vol-1a', point: '/data', identity: '259:2', path: '/data/code' }];
  const transport = { command: ['ssh'], destination: 'ubuntu@i-1', mounts };
  const out = { direction: 'out', local_path: '/a/', remote_path: '/data/code', recursive: true } as const;
  const words = (channel: Parameters<typeof rsyncArguments>[0]): string[] =>
    rsyncArguments(channel, transport, { sourceIsFolder: true });
  const program = words(out).find((one) => one.startsWith('--rsync-path=')) ?? '';
  assert.match(program, /cd "\$point".*259:2.*exec rsync "\$@"/);
  assert.equal(words(out).at(-1), 'ubuntu@i-1:.');
  const inbound = words({ ...out, direction: 'in' });
  assert.match(inbound.find((one) => one.startsWith('--rsync-path=')) ?? '', /259:2.*exec rsync "\$@"/);
  assert.deepEqual(inbound.slice(-2), ['ubuntu@i-1:/data/code', '/a/']);
  assert.ok(execFileSync('sh', ['-n', '-c', program.slice('--rsync-path='.length)]) !== undefined);
});
