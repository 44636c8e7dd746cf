// Mounting and unmounting on real loop devices with real file systems. Skipped where this user may not have those.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdir, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RemoteLink } from '../../daemon/portal/gateways.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { startInstance } from './instance.ts';
import { connected, connectTo } from './link-fixture.ts';
import {
  attachLoop,
  canMount,
  detachLoop,
  deviceLine,
  makeBlank,
  makeFileSystem,
  volume,
  volumePrograms,
} from './volume-fixture.ts';

const skip = canMount() ? false : 'this user may not mount loop devices here';

interface Fixture {
  readonly link: RemoteLink;
  readonly spec: VolumeSpecification;
  readonly device: string;
  readonly image: string;
}

async function withVolume(work: (fixture: Fixture) => Promise<void>): Promise<void> {
  await using instance = await startInstance({ programs: volumePrograms });
  await using link = connectTo(instance.folder, instance.target);
  await connected(link);
  const image = join(instance.folder, 'image');
  makeBlank(image, 64);
  const device = attachLoop(image) ?? '';
  await writeFile(join(instance.home, 'devices'), deviceLine(device));
  const spec = { ...volume, mount_point: join(instance.folder, 'mounted volumes/of mine') };
  try {
    await work({ link, spec, device, image });
  } finally {
    spawnSync('umount', ['-l', spec.mount_point]);
    detachLoop(device);
  }
}

test('mounts, tells so, unmounts, each as often as asked', { skip }, () =>
  withVolume(async ({ link, spec, device }) => {
    const { volume_id: volumeId } = spec;
    makeFileSystem(device);
    assert.deepEqual(await link.inspectVolumes([spec]), [
      { volumeId, device, mounted: false, occupied: false },
    ]);
    assert.equal((await link.mountVolume(spec)).state, 'mounted');
    assert.equal((await link.mountVolume(spec)).state, 'mounted');
    assert.equal((await link.mountVolume({ ...spec, mount_point: `${spec.mount_point}/` })).state, 'mounted');
    const { dev, ino } = await stat(spec.mount_point);
    assert.deepEqual(await link.inspectVolumes([spec]), [
      { volumeId, device, mounted: true, occupied: false, identity: `${dev}:${ino}` },
    ]);
    await writeFile(join(spec.mount_point, 'file'), 'kept');
    const other = { ...spec, volume_id: 'vol-0fffffffffffffff0', device: '/dev/xvdz' };
    assert.deepEqual(await link.inspectVolumes([other]), [
      { volumeId: other.volume_id, mounted: false, occupied: true },
    ]);
    assert.equal((await link.mountVolume(other)).state, 'absent', 'it is not shown yet');
    await link.unmountVolume(spec, { evict: false });
    await link.unmountVolume(spec, { evict: false });
    assert.deepEqual(await link.inspectVolumes([spec]), [
      { volumeId, device, mounted: false, occupied: false },
    ]);
    await link.mountVolume(spec);
    assert.equal(execFileSync('cat', [join(spec.mount_point, 'file')], { encoding: 'utf8' }), 'kept');
    await link.flush();
  }),
);

test('refuses a mount point that is taken, and leaves what is there', { skip }, () =>
  withVolume(async ({ link, spec, device }) => {
    makeFileSystem(device);
    await mkdir(spec.mount_point, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', spec.mount_point]);
    await assert.rejects(link.mountVolume(spec), { kind: 'mount', message: /tmpfs is mounted on/ });
    await link.unmountVolume(spec, { evict: true });
    assert.equal((await link.inspectVolumes([spec]))[0]?.occupied, true);
  }),
);

test('refuses what holds no file system and what needs a repair by hand', { skip }, () =>
  withVolume(async ({ link, spec, device }) => {
    await assert.rejects(link.mountVolume(spec), { kind: 'mount', hint: /format: true/ });
    makeFileSystem(device);
    execFileSync('/sbin/debugfs', ['-w', '-R', 'clri <2>', device], { stdio: 'ignore' });
    execFileSync('/sbin/debugfs', ['-w', '-R', 'set_super_value state 2', device], { stdio: 'ignore' });
    await assert.rejects(link.mountVolume(spec), { kind: 'mount', message: /needs a repair by hand/ });
    assert.equal((await link.inspectVolumes([spec]))[0]?.mounted, false);
  }),
);

test('waits for a program that holds the device for a moment', { skip }, () =>
  withVolume(async ({ link, spec, device }) => {
    makeFileSystem(device);
    // Without O_CREAT, Linux gives a block device to one opener at a time, and to no file system.
    const holder = await open(device, constants.O_RDONLY | constants.O_EXCL);
    const mounting = link.mountVolume(spec);
    await sleep(1000);
    await holder.close();
    assert.equal((await mounting).state, 'mounted');
  }),
);

test('formats with the given UUID and hands the root folder over', { skip }, () =>
  withVolume(async ({ link, spec, device }) => {
    const uuid = '2b6ad4c6-9d1b-4c7c-a1d4-0d4c1f4be3a2';
    assert.equal(await link.isBlank(spec), true);
    await link.formatVolume(spec, { uuid, user: 'nobody', group: 'nogroup' });
    const words = ['-p', '-o', 'value', '-s', 'UUID', device];
    assert.equal(execFileSync('/sbin/blkid', words, { encoding: 'utf8' }).trim(), uuid);
    const root = await stat(spec.mount_point);
    assert.equal(root.uid, Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' })));
    assert.equal((await link.inspectVolumes([spec]))[0]?.mounted, true);
    assert.equal(await link.isBlank(spec), false);
  }),
);

test('names who uses a volume, and evicts them only when told', { skip }, () =>
  withVolume(async ({ link, spec, device }) => {
    makeFileSystem(device);
    await link.mountVolume(spec);
    const stubborn = spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 0.1; done'], {
      cwd: spec.mount_point,
      stdio: 'ignore',
    });
    const exited = once(stubborn, 'exit');
    try {
      await assert.rejects(link.unmountVolume(spec, { evict: false }), {
        kind: 'mount',
        message: new RegExp(`in use by .*\\(${stubborn.pid}\\)`),
      });
      assert.equal(stubborn.exitCode, null);
      const evicted = await link.unmountVolume(spec, { evict: true });
      assert.ok(evicted.includes(`sh (${stubborn.pid})`), evicted.join());
      assert.deepEqual(await exited, [null, 'SIGKILL']);
    } finally {
      stubborn.kill('SIGKILL');
    }
    assert.equal((await link.inspectVolumes([spec]))[0]?.mounted, false);
  }),
);
