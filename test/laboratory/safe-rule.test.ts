// The safe rule on the real kernel: whatever a volume holds, and however devices are mixed up, only what is blank is
// formatted, and not one byte of anything else is changed. Beside the plain case a sample by a seed; PORTALD_CRASH=all
// takes every image in every circumstance.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { tagNames } from '../../daemon/portal/cloud.ts';
import type { RemoteLink } from '../../daemon/portal/gateways.ts';
import { allWanted, chanceOf, seedOf } from '../crash/chance.ts';
import { connected, connectTo } from '../remote/link-fixture.ts';
import { makeBlank } from '../remote/volume-fixture.ts';
import { digestOf, type ImageKind, imageKinds, sizeMiB } from './images.ts';
import { type LaboratoryInstance, startInstance } from './instance.ts';
import { skippedBecause } from './requirements.ts';
import { format, serialOf, type Tags, takeUp, volumeOf } from './volume-set.ts';

/** The volume in question, and a blank one beside it, which is to be formatted: never the other one in its stead. */
const [subject, neighbour] = [volumeOf(0, '/data/subject'), volumeOf(1, '/data/neighbour')];

interface Circumstance {
  readonly name: string;
  /** The device names of subject and neighbour. */
  readonly order: readonly [string, string];
  /** Run by root after they were attached. */
  readonly disturb?: string;
  readonly crashes?: boolean;
}

const link = '/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_';
const circumstances: readonly Circumstance[] = [
  { name: 'plain', order: ['nvme1n1', 'nvme2n1'] },
  { name: 'swapped device order', order: ['nvme2n1', 'nvme1n1'] },
  {
    name: 'stale by-id links',
    order: ['nvme1n1', 'nvme2n1'],
    disturb: `ln -sfn ../../nvme2n1 ${link}${serialOf(subject)}; ln -sfn ../../nvme1n1 ${link}${serialOf(neighbour)}`,
  },
  { name: 'a crash in the middle of mkfs', order: ['nvme1n1', 'nvme2n1'], crashes: true },
];

/** A mkfs that dies, each time a little later; now and then too late. */
const dyingMkfs = `
real=$(command -v mkfs.ext4)
printf '#!/bin/sh\\nread n < /tmp/deaths; echo $((n %% 4 + 1)) > /tmp/deaths\\nexec timeout -s KILL 0.00$n %s "$@"\\n' "$real" > /usr/local/bin/mkfs.ext4
chmod 755 /usr/local/bin/mkfs.ext4
echo 1 > /tmp/deaths
`;

/** Of the images, in each circumstance but the plain one. */
const sampledKinds = 2;

const all = allWanted(process.env);
const chance = chanceOf(seedOf(process.env, (text) => process.stdout.write(`${text}\n`)));
const skip = skippedBecause('mkswap');

describe('the safe rule', { skip, concurrency: 2 }, () => {
  for (const circumstance of circumstances) {
    const kinds = chance.shuffled(imageKinds);
    test(circumstance.name, async (context) => {
      await using instance = await startInstance(circumstance.crashes ? { image: dyingMkfs } : {});
      await using connection = connectTo(instance.folder, instance.target);
      await connected(connection);
      for (const kind of all || circumstance.name === 'plain' ? imageKinds : kinds.slice(0, sampledKinds)) {
        await context.test(kind.name, () => judge(kind, circumstance, instance, connection));
      }
      await context.test('a device that is not there', async () => {
        await assert.rejects(connection.isBlank(subject), { kind: 'mount', message: /does not show/ });
        assert.equal((await connection.mountVolume(subject)).state, 'absent');
      });
    });
  }
});

async function judge(
  kind: ImageKind,
  { order, disturb = ':', crashes = false }: Circumstance,
  instance: LaboratoryInstance,
  connection: RemoteLink,
): Promise<void> {
  const folder = join(instance.folder, kind.name);
  mkdirSync(folder);
  const [image, beside] = [join(folder, 'subject'), join(folder, 'neighbour')];
  kind.make(image);
  makeBlank(beside, sizeMiB);
  try {
    await instance.attach(image, order[0], serialOf(subject));
    await instance.attach(beside, order[1], serialOf(neighbour));
    await instance.asRoot(disturb);
    kind.spoil?.(image);
    const before = digestOf(image);
    const scene = { kind, image, beside, instance, connection, tags: new Map() };
    await (crashes ? dieFormatting(scene) : open(scene));
    for (const volume of [subject, neighbour]) await connection.unmountVolume(volume, { evict: false });
    if (kind.outcome === 'refused') assert.equal(digestOf(image), before, 'not a byte was changed');
  } finally {
    for (const { mount_point: point } of [subject, neighbour])
      await instance.asRoot('umount -l "$1" 2>&1 || :', point);
    for (const name of order) await instance.detach(name);
  }
}

interface Scene {
  readonly kind: ImageKind;
  readonly image: string;
  readonly beside: string;
  readonly instance: LaboratoryInstance;
  readonly connection: RemoteLink;
  readonly tags: Tags;
}

async function open({ kind, image, instance, connection, tags }: Scene): Promise<void> {
  if (kind.outcome !== 'formatted') {
    const before = digestOf(image);
    await format(connection, subject, tags).catch(() => {});
    assert.equal(digestOf(image), before, 'not a byte is changed');
  }
  if (kind.outcome === 'refused') await assert.rejects(takeUp(connection, subject, tags), { kind: 'mount' });
  else assert.equal((await takeUp(connection, subject, tags)).state, 'mounted');
  assert.equal((await takeUp(connection, neighbour, tags)).state, 'mounted');
  const ownerOf = (point: string): Promise<string> => instance.asRoot('stat -c %U:%G "$1"', point);
  assert.equal(await ownerOf(neighbour.mount_point), 'ubuntu:ubuntu\n');
  if (kind.outcome === 'mounted') {
    assert.equal(await ownerOf(subject.mount_point), 'root:root\n', 'what was there keeps its owner');
  }
}

async function dieFormatting({ kind, image, beside, instance, connection, tags }: Scene): Promise<void> {
  for (const volume of [subject, neighbour]) {
    const file = volume === subject ? image : beside;
    const isBlank = volume === neighbour || kind.outcome === 'formatted';
    const before = digestOf(file);
    const isDead = await format(connection, volume, tags).then(
      () => false,
      () => true,
    );
    if (isBlank) {
      const tag = tags.get(volume.volume_id)?.[tagNames.fileSystem] ?? '';
      assert.match(tag, isDead ? /^formatting:/ : /^ext4:/);
    } else assert.equal(digestOf(file), before, 'not a byte is changed');
    // What mkfs had written by then stays as it is: nothing, something or all.
    await connection.unmountVolume(volume, { evict: false });
    await instance.asRoot('blockdev --flushbufs /dev/nvme1n1 /dev/nvme2n1');
    const left = digestOf(file);
    await format(connection, volume, tags).catch(() => {});
    assert.equal(digestOf(file), left);
  }
}
