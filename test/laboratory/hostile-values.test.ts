// Hostile values in every field of a specification that reaches the instance: nothing of them is executed, on either side,
// and nothing is made but what they name.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { channelsIn, patient } from '../channel/channel-fixture.ts';
import { eventually } from '../fixture/eventually.ts';
import type { LaboratoryInstance } from './instance.ts';
import { skippedBecause } from './requirements.ts';
import { serialOf, volumeOf } from './volume-set.ts';
import { withInstance } from './with-instance.ts';

/** Made by whatever is executed, here or there: both have a /tmp. */
const trap = `/tmp/portald-trap-${randomUUID().slice(0, 8)}`;

/** Each is one word to whoever quotes well. */
const hostile = [
  `$(touch ${trap})`,
  `\`touch ${trap}\``,
  `'; touch ${trap}; '`,
  `"; touch ${trap}; "`,
  `x\ntouch ${trap}\ny`,
  `x; touch ${trap} #`,
  `x|touch\${IFS}${trap}`,
  '--help',
  '-rf *',
  '%s%n\\x41\\0134\\n',
  '!! $HOME ~ * ? [a-z] {a,b}',
].map((text) => text.replaceAll('/', '\u2215')); // a name, not a path; the traps that need a path follow

const withPaths = [`$(touch ${trap})`, `'; touch ${trap}; '`, `x\ntouch ${trap}\ny`];
const { signal } = new AbortController();

async function assertUnharmed(instance: LaboratoryInstance): Promise<void> {
  assert.ok(!existsSync(trap), 'something was executed here');
  const there = await instance.asRoot('ls -d "$1"* 2>/dev/null || :', trap.slice(0, -1));
  assert.equal(there, '', 'something was executed there');
}

/** What work makes on the instance, apart from `expected` and what is in it. */
async function madeElsewhere(
  instance: LaboratoryInstance,
  expected: readonly string[],
  work: () => Promise<void>,
): Promise<string[]> {
  const before = new Set(await instance.written());
  await work();
  const isExpected = (path: string): boolean =>
    expected.some((one) => `${one}/`.startsWith(`${path}/`) || path.startsWith(`${one}/`));
  return (await instance.written())
    .map((path) => path.slice(1))
    .filter((path) => !before.has(`.${path}`) && !isExpected(path));
}

describe('hostile values', { skip: skippedBecause('rsync'), concurrency: 2 }, () => {
  test('mount_point', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      const plain = volumeOf(0, '/data');
      await instance.attach(blankImage(20), 'nvme1n1', serialOf(plain));
      await instance.asRoot('mkfs.ext4 -q /dev/nvme1n1');
      for (const value of [...hostile, ...withPaths]) {
        const volume = { ...plain, mount_point: `/data/${value}` };
        const elsewhere = await madeElsewhere(instance, [posix.normalize(volume.mount_point)], async () => {
          assert.equal((await link.mountVolume(volume)).state, 'mounted');
          assert.equal((await link.inspectVolumes([volume]))[0]?.mounted, true, value);
          await link.unmountVolume(volume, { evict: true });
          assert.equal((await link.inspectVolumes([volume]))[0]?.mounted, false, value);
        });
        assert.deepEqual(elsewhere, [], value);
      }
      await assertUnharmed(instance);
    }));

  test('device and volume_id', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      await instance.attach(blankImage(20), 'nvme1n1', serialOf(volumeOf(1, '')));
      const plain = volumeOf(0, '/data');
      const volumes: VolumeSpecification[] = [...hostile, ...withPaths].flatMap((value) => [
        { ...plain, device: `/dev/${value}` },
        { ...plain, device: value },
        { ...plain, volume_id: `vol-${value}` },
        { ...plain, volume_id: value },
      ]);
      const elsewhere = await madeElsewhere(instance, [], async () => {
        for (const state of await link.inspectVolumes(volumes)) assert.equal(state.device, undefined);
        for (const volume of volumes.filter((_, index) => index % 5 === 0)) {
          assert.equal((await link.mountVolume(volume)).state, 'absent');
          await assert.rejects(link.isBlank(volume), { kind: 'mount' });
        }
      });
      assert.deepEqual(elsewhere, []);
      await assertUnharmed(instance);
    }));

  test('remote_user and remote_group, of a fresh file system', () =>
    withInstance(async ({ instance, link, blankImage }) => {
      const volume = volumeOf(0, '/data');
      await instance.attach(blankImage(20), 'nvme1n1', serialOf(volume));
      for (const value of [...hostile, ...withPaths].filter((_, index) => index % 3 === 0)) {
        const owner = { uuid: randomUUID(), user: 'ubuntu', group: value };
        await assert.rejects(link.formatVolume(volume, owner), {
          kind: 'mount',
          message: /giving \/data to/,
        });
        await link.unmountVolume(volume, { evict: false });
        await instance.asRoot('wipefs -qa /dev/nvme1n1');
      }
      await assertUnharmed(instance);
    }));

  test('python_virtual_env and extra_python_packages', () =>
    withInstance(async ({ instance, link }) => {
      const python = '#!/bin/sh\nfor word; do printf "<%s>" "$word"; done > "$0.asked"\n';
      const packages = [...hostile, ...withPaths];
      for (const value of packages) {
        await assert.rejects(link.installPackages(value.replaceAll('/', '_'), ['x'], signal), {
          kind: 'packages',
        });
        const folder = posix.normalize(`/home/ubuntu/envs/${value}`);
        await instance.asRoot(
          'mkdir -p "$1/bin" && printf %s "$2" > "$1/bin/python" && chmod 755 "$1/bin/python" && chown -R ubuntu /home/ubuntu',
          folder,
          python,
        );
        await link.installPackages(folder, packages, signal);
        const asked = await instance.asRoot('cat "$1/bin/python.asked"', folder);
        assert.ok(asked.endsWith(packages.map((name) => `<${name}>`).join('')), "each is one word of pip's");
      }
      await assertUnharmed(instance);
    }));

  test('remote_path and exclude', () =>
    withInstance(async ({ instance, link }) => {
      const transport = await eventually('the transport is there', () => link.transport());
      const channels = channelsIn(instance.folder);
      const local = join(instance.folder, 'local');
      mkdirSync(local);
      writeFileSync(join(local, 'file'), 'sent');
      const values = [...hostile, ...withPaths].filter((value) => !value.startsWith('-'));
      for (const value of [...values, '/home/ubuntu/-rf', './--help']) {
        const path = posix.resolve('/home/ubuntu', value);
        const elsewhere = await madeElsewhere(instance, [path], async () => {
          const channel = channels.open(
            {
              direction: 'out',
              local_path: `${local}/`,
              remote_path: `${value}/`,
              recursive: true,
              exclude: [value, ...hostile],
            },
            () => {},
          );
          channel.resume({ ...transport, mounts: [] });
          await channel.synchronise(patient);
          await channel.close();
        });
        assert.equal(await instance.asRoot('cat "$1/file"', path), 'sent', value);
        assert.deepEqual(
          elsewhere.filter((one) => !one.startsWith('/home/ubuntu/.cache')),
          [],
          value,
        );
      }
      await assertUnharmed(instance);
    }));
});
