// Mount points as people choose them, and devices as instances show them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skippedBecause } from './requirements.ts';
import { serialOf, volumeOf } from './volume-set.ts';
import { withInstance } from './with-instance.ts';

const skip = skippedBecause();

describe('mount points', { skip, concurrency: 2 }, () => {
  test('with missing parents, spaces and other letters; of the user where the user may make them', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      await instance.attach(blankImage(20), 'nvme1n1', serialOf(volumeOf(0, '')));
      await instance.asRoot('mkfs.ext4 -q /dev/nvme1n1');
      for (const point of [
        '/srv/a/b c/d',
        "/home/ubuntu/it's  mine\t/\u00fc\u4e2d",
        '/data/back\\slash/$HOME;x',
      ]) {
        const volume = volumeOf(0, point);
        assert.equal((await link.mountVolume(volume)).state, 'mounted');
        assert.equal((await link.mountVolume(volume)).state, 'mounted', 'mounted already');
        assert.equal((await link.inspectVolumes([volume]))[0]?.mounted, true);
        assert.equal(await instance.asRoot('findmnt -no FSTYPE --mountpoint "$1"', point), 'ext4\n');
        await link.unmountVolume(volume, { evict: true });
        assert.equal((await link.inspectVolumes([volume]))[0]?.mounted, false);
      }
      const owners = await instance.asRoot('stat -c %U /srv/a "$1"', "/home/ubuntu/it's  mine\t");
      assert.equal(owners, 'root\nubuntu\n');
    }));

  test("one inside another volume's mount, and one through a symbolic link", () =>
    withInstance(async ({ instance, link, blankImage }) => {
      const [outer, inner] = [volumeOf(0, '/data'), volumeOf(1, '/data/inner')];
      await instance.attach(blankImage(20), 'nvme1n1', serialOf(outer));
      await instance.attach(blankImage(20), 'nvme2n1', serialOf(inner));
      await instance.asRoot('mkfs.ext4 -q /dev/nvme1n1; mkfs.ext4 -q /dev/nvme2n1; ln -s /data /link');
      for (const volume of [outer, inner]) assert.equal((await link.mountVolume(volume)).state, 'mounted');
      await instance.asRoot('test -d /data/lost+found && test -d /data/inner/lost+found');
      await assert.rejects(link.unmountVolume(outer, { evict: false }), {
        message: /in use by what is mounted on \/data\/inner/,
      });
      for (const volume of [inner, outer]) {
        assert.deepEqual(await link.unmountVolume(volume, { evict: true }), []);
      }
      const through = { ...outer, mount_point: '/link/inner' };
      await instance.asRoot('mkdir -p /data/inner');
      assert.equal((await link.mountVolume(through)).state, 'mounted');
      assert.equal((await link.inspectVolumes([through]))[0]?.mounted, true);
      await link.unmountVolume(through, { evict: false });
      assert.equal((await link.inspectVolumes([through]))[0]?.mounted, false);
    }));

  test('a folder with files in it: they are hidden, which is told, and come back', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      const volume = volumeOf(0, '/data');
      await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
      await instance.asRoot('mkfs.ext4 -q /dev/nvme1n1; mkdir /data; echo mine > /data/.file');
      assert.deepEqual(await link.mountVolume(volume), { state: 'mounted', over: ['.file'] });
      assert.equal((await link.mountVolume(volume)).state, 'mounted');
      await link.unmountVolume(volume, { evict: false });
      assert.equal(await instance.asRoot('cat /data/.file'), 'mine\n');
    }));

  test('what the user has mounted inside, with what works there, ends with it', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      const volume = volumeOf(0, '/data');
      await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
      await instance.asRoot('mkfs.ext4 -q /dev/nvme1n1');
      await link.mountVolume(volume);
      await instance.asRoot('mkdir "/data/in side"; mount -t tmpfs tmpfs "/data/in side"');
      const worker = instance.start('sh', '-c', 'cd "/data/in side" && echo in && exec sleep 600');
      await new Promise((resolve) => worker.stdout?.once('data', resolve));
      const evicted = (await link.unmountVolume(volume, { evict: true })).join();
      assert.match(evicted, /what is mounted on \/data\/in side,sleep \(/);
      assert.equal((await link.inspectVolumes([volume]))[0]?.mounted, false);
    }));

  test("a fresh file system is the user's even if nobody came to hand it over", () =>
    withInstance(
      async ({ instance, link, blankImage }) => {
        const volume = volumeOf(0, '/data');
        await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
        const owner = { uuid: '2b6ad4c6-9d1b-4c7c-a1d4-0d4c1f4be3a2', user: 'ubuntu', group: 'disk' };
        await assert.rejects(link.formatVolume(volume, owner), { kind: 'mount' });
        await instance.asRoot('rm /usr/local/bin/mount');
        assert.equal((await link.mountVolume(volume)).state, 'mounted');
        assert.equal(await instance.asRoot('stat -c %U:%G /data'), 'ubuntu:disk\n');
      },
      { image: 'printf "#!/bin/sh\nexit 32\n" > /usr/local/bin/mount; chmod 755 /usr/local/bin/mount' },
    ));

  test('Xen: no serial and no link, the given name or its twin', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      const volume = { ...volumeOf(0, '/data/xen'), device: '/dev/sdf' };
      await instance.attach(blankImage(20), 'xvdf');
      assert.equal((await link.inspectVolumes([volume]))[0]?.device, '/dev/xvdf');
      assert.equal(await link.isBlank(volume), true);
      await instance.detach('xvdf');
      // A device under that name that shows the serial of another volume is not it.
      await instance.attach(blankImage(20), 'xvdf', serialOf(volumeOf(1, '')));
      assert.equal((await link.inspectVolumes([volume]))[0]?.device, undefined);
    }));

  test('messages in another language do not confuse', () =>
    withInstance(
      async ({ instance, link, blankImage }) => {
        const volume = volumeOf(0, '/data/busy');
        await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
        await instance.asRoot('mkfs.ext4 -q /dev/nvme1n1');
        await link.mountVolume(volume);
        const holder = instance.start('sh', '-c', 'cd /data/busy && echo in && exec sleep 600');
        await new Promise((resolve) => holder.stdout?.once('data', resolve));
        await assert.rejects(link.unmountVolume(volume, { evict: false }), { message: /in use by sleep \(/ });
        assert.match((await link.unmountVolume(volume, { evict: true })).join(), /sleep/);
      },
      // Stands for translated messages, which no machine of tests has installed.
      {
        image: `real=$(command -v umount)
printf '#!/bin/sh\\nif [ "$LC_ALL" = C ]; then exec %s "$@"; fi\\nif %s "$@" 2>/dev/null; then exit; fi\\necho "Das Ziel wird gerade benutzt." >&2; exit 32\\n' "$real" "$real" > /usr/local/bin/umount
chmod 755 /usr/local/bin/umount`,
        configuration: 'SetEnv LC_ALL=de_DE.UTF-8',
      },
    ));

  test('an instance without the programs says which', () =>
    withInstance(
      async ({ link }) => {
        const volume = volumeOf(0, '/data');
        const attempts = [
          () => link.mountVolume(volume),
          () => link.inspectVolumes([volume]),
          () => link.isBlank(volume),
          () => link.unmountVolume(volume, { evict: true }),
        ];
        for (const attempt of attempts) {
          await assert.rejects(attempt, { kind: 'mount', message: /the instance has no lsblk/ });
        }
      },
      { image: 'rm -f /usr/bin/lsblk' },
    ));
});
