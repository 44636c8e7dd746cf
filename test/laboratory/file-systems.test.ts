// File systems as they are found: ext4, XFS and Btrfs, after an unclean end, restored beside their original, damaged, or
// none at all.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { skippedBecause } from './requirements.ts';
import { serialOf, volumeOf } from './volume-set.ts';
import { withInstance } from './with-instance.ts';

const [first, second] = [volumeOf(0, '/data/first'), volumeOf(1, '/data/second')];
const skip = skippedBecause('mkfs.xfs', 'mkfs.btrfs');

describe('file systems', { skip, concurrency: 2 }, () => {
  for (const [type, make, mebibytes] of [
    ['ext4', 'mkfs.ext4 -q', 64],
    ['xfs', 'mkfs.xfs -q', 320],
    ['btrfs', 'mkfs.btrfs -q', 128],
  ] as const) {
    test(`${type} is mounted, and after an unclean end again with all that was flushed`, () =>
      withInstance(async ({ instance, link, blankImage }) => {
        const image = blankImage(mebibytes);
        await instance.attach(image, 'nvme1n1', serialOf(first));
        await instance.asRoot(`${make} /dev/nvme1n1`);
        assert.equal((await link.mountVolume(first)).state, 'mounted');
        assert.equal((await link.inspectVolumes([first]))[0]?.mounted, true);
        await instance.asRoot('echo kept > /data/first/file; sync /data/first/file');
        // As a volume is that was torn from a machine: the file system is still mounted.
        const torn = blankImage(mebibytes);
        copyFileSync(image, torn);
        await link.unmountVolume(first, { evict: false });
        await instance.detach('nvme1n1');
        await instance.attach(torn, 'nvme1n1', serialOf(second));
        assert.equal((await link.mountVolume(second)).state, 'mounted');
        assert.equal(await instance.asRoot('cat /data/second/file'), 'kept\n');
        await link.unmountVolume(second, { evict: false });
        const check = { ext4: 'e2fsck -fn', xfs: 'xfs_repair -n', btrfs: 'btrfs check' }[type];
        await instance.asRoot(`${check} /dev/nvme1n1 2>&1`);
      }));
  }

  test('an XFS restored from a snapshot is mounted beside its original', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      const [original, copy] = [blankImage(320), blankImage(320)];
      await instance.attach(original, 'nvme1n1', serialOf(first));
      await instance.asRoot('mkfs.xfs -q /dev/nvme1n1 && blockdev --flushbufs /dev/nvme1n1');
      copyFileSync(original, copy);
      await instance.attach(copy, 'nvme2n1', serialOf(second));
      assert.equal((await link.mountVolume(first)).state, 'mounted');
      assert.equal((await link.mountVolume(second)).state, 'mounted');
    }));

  test('a Btrfs whose default is a subvolume is known for mounted', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      await instance.attach(blankImage(128), 'nvme1n1', serialOf(first));
      await instance.asRoot(`mkfs.btrfs -q /dev/nvme1n1 && mkdir /mnt/whole && mount /dev/nvme1n1 /mnt/whole
        btrfs -q subvolume create /mnt/whole/home && btrfs subvolume set-default /mnt/whole/home && umount /mnt/whole`);
      assert.equal((await link.mountVolume(first)).state, 'mounted');
      assert.equal((await link.inspectVolumes([first]))[0]?.mounted, true);
      await link.unmountVolume(first, { evict: false });
      assert.equal((await link.inspectVolumes([first]))[0]?.mounted, false);
    }));

  test('what e2fsck -p does not repair is told, not mounted, and left', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      await instance.attach(blankImage(64), 'nvme1n1', serialOf(first));
      await instance.asRoot(`mkfs.ext4 -q /dev/nvme1n1; debugfs -w -R 'clri <2>' /dev/nvme1n1
        debugfs -w -R 'set_super_value state 2' /dev/nvme1n1`);
      await assert.rejects(link.mountVolume(first), { kind: 'mount', message: /needs a repair by hand/ });
      assert.equal((await link.inspectVolumes([first]))[0]?.mounted, false);
    }));

  for (const [what, offset, bytes] of [
    // What the kernel does not need to know, and what it must not write without knowing (ext4's s_feature_compat and
    // s_feature_incompat, the highest bit of each).
    ['the kernel takes', 1024 + 0x5f, 'mounted'],
    ['the kernel refuses, too', 1024 + 0x63, 'refused'],
  ] as const) {
    test(`a file system with a feature that e2fsck does not know: ${what}`, () =>
      withInstance(async ({ instance, link, blankImage }) => {
        await instance.attach(blankImage(64), 'nvme1n1', serialOf(first));
        await instance.asRoot(`mkfs.ext4 -q -O ^metadata_csum,^has_journal /dev/nvme1n1
          printf '\\200' | dd of=/dev/nvme1n1 bs=1 seek=${offset} conv=notrunc
          blockdev --flushbufs /dev/nvme1n1`);
        if (bytes === 'mounted') {
          const outcome = await link.mountVolume(first);
          assert.equal(outcome.state, 'mounted');
          assert.match(('unchecked' in outcome && outcome.unchecked) || '', /feature.*FEATURE_C31/);
        } else {
          await assert.rejects(link.mountVolume(first), {
            message: /too old for the file system of .*FEATURE_I31/,
            hint: /newer image/,
          });
        }
      }));
  }

  test('what is formatted has no feature that an older e2fsck lacks', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      await instance.attach(blankImage(64), 'nvme1n1', serialOf(first));
      const uuid = '6e9c1c1a-6a36-4b46-9d3f-2b6d0f3c7a10';
      await link.formatVolume(first, { uuid, user: 'root', group: 'root' });
      const told = await instance.asRoot('dumpe2fs -h /dev/nvme1n1 2>/dev/null | grep -i features');
      assert.match(told, /metadata_csum/);
      assert.doesNotMatch(told, /orphan_file|metadata_csum_seed/);
    }));

  test('what holds no file system is told by what it holds, with what can be done', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      await instance.attach(blankImage(64), 'nvme1n1', serialOf(first));
      const { format: _never, ...asItIs } = first;
      await assert.rejects(link.mountVolume(asItIs), {
        message: /holds no file system/,
        hint: /format: true/,
      });
      await instance.asRoot('printf x | dd of=/dev/nvme1n1 bs=1M seek=3');
      await assert.rejects(link.mountVolume(first), {
        message: /holds no file system/,
        hint: /not blank.*not formatted/,
      });
      await instance.asRoot(`printf '\\0\\0\\2\\0\\203\\0\\0\\0\\0\\10\\0\\0\\0\\10\\0\\0' | dd of=/dev/nvme1n1 bs=1 seek=446
        printf '\\125\\252' | dd of=/dev/nvme1n1 bs=1 seek=510`);
      await assert.rejects(link.mountVolume(first), { message: /holds a partition table/ });
      await instance.asRoot(`wipefs -qa /dev/nvme1n1
        printf 'LUKS\\272\\276\\0\\1' | dd of=/dev/nvme1n1; blockdev --flushbufs /dev/nvme1n1`);
      await assert.rejects(link.mountVolume(first), { message: /encrypted .*crypto_LUKS/, hint: /EBS/ });
      await instance.asRoot('wipefs -qa /dev/nvme1n1; mkswap /dev/nvme1n1');
      await assert.rejects(link.mountVolume(first), { message: /holds swap, which is no file system/ });
    }));
});
