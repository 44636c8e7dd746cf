// Growing mounted file systems on real loop devices. Skipped where this user may not have those.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startInstance } from './instance.ts';
import { connected, connectTo } from './link-fixture.ts';
import {
  attachLoop,
  canMount,
  detachLoop,
  deviceLine,
  makeBlank,
  volume,
  volumePrograms,
} from './volume-fixture.ts';

const noLoop = canMount() ? false : 'this user may not mount loop devices here';

interface Fixture {
  readonly grow: (sizeGiB: number) => Promise<string>;
  readonly mount: () => Promise<unknown>;
  /** Makes the volume as large as that, as EC2 does. */
  readonly enlarge: (mebibytes: number) => void;
  /** Bytes of the file system. */
  readonly size: () => Promise<number>;
}

/** A volume of half a GiB with a file system that `program` makes. */
async function withFileSystem(
  program: readonly string[],
  work: (fixture: Fixture) => Promise<void>,
): Promise<void> {
  await using instance = await startInstance({ programs: volumePrograms });
  await using link = connectTo(instance.folder, instance.target);
  await connected(link);
  const image = join(instance.folder, 'image');
  makeBlank(image, 512);
  const device = attachLoop(image) ?? '';
  await writeFile(join(instance.home, 'devices'), deviceLine(device));
  const spec = { ...volume, mount_point: join(instance.folder, 'a mount point') };
  const [maker = '', ...words] = program;
  try {
    execFileSync(maker, [...words, device], { stdio: 'ignore' });
    await work({
      grow: (sizeGiB) => link.growVolume(spec, sizeGiB),
      mount: () => link.mountVolume(spec),
      enlarge(mebibytes) {
        execFileSync('truncate', ['-s', `${mebibytes}M`, image]);
        execFileSync('/sbin/losetup', ['-c', device]);
      },
      async size() {
        const { blocks, bsize } = await statfs(spec.mount_point);
        return blocks * bsize;
      },
    });
  } finally {
    spawnSync('umount', ['-l', spec.mount_point]);
    detachLoop(device);
  }
}

for (const [type, program] of [
  ['ext4', ['/sbin/mkfs.ext4', '-q', '-F']],
  ['xfs', ['/sbin/mkfs.xfs', '-q', '-f']],
  ['btrfs', ['/sbin/mkfs.btrfs', '-q', '-f']],
] as const) {
  const skip =
    noLoop ||
    (!existsSync(program[0]) && `no ${program[0]} here`) ||
    (type === 'ext4' && !mayResize() && 'this user may not resize a mounted ext4 here (CAP_SYS_RESOURCE)');
  test(`a mounted ${type} grows with its volume, as often as asked`, { skip }, () =>
    withFileSystem(program, async ({ grow, mount, enlarge, size }) => {
      await assert.rejects(grow(1), { kind: 'mount', message: /is not mounted on/ });
      await mount();
      const before = await size();
      const growing = grow(1);
      enlarge(1024);
      assert.equal(await growing, type);
      const after = await size();
      assert.ok(after > before + 400 * 2 ** 20, `${before} → ${after}`);
      assert.equal(await grow(1), type);
      assert.equal(await size(), after);
    }),
  );
}

test('a volume that is not there does not grow', async () => {
  await using instance = await startInstance({ programs: volumePrograms });
  await using link = connectTo(instance.folder, instance.target);
  await connected(link);
  await writeFile(join(instance.home, 'devices'), '');
  await assert.rejects(link.growVolume(volume, 1), { kind: 'mount', message: /does not show volume/ });
});

/** The kernel grows a mounted ext4 only for who has CAP_SYS_RESOURCE, which root in a container may lack. */
function mayResize(): boolean {
  const [, hexadecimal = '0'] =
    /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ((BigInt(`0x${hexadecimal}`) >> 24n) & 1n) === 1n;
}
