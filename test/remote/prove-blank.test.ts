// The safe rule: only what is proved blank is blank. Real mkfs, blkid, wipefs and cmp on images.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startInstance } from './instance.ts';
import { connected, connectTo } from './link-fixture.ts';
import { deviceLine, makeBlank, makeFileSystem, volume, volumePrograms, writeAt } from './volume-fixture.ts';

const mebibyte = 1024 * 1024;
const size = 300;
const zeros = Buffer.alloc(4 * mebibyte);

/** What may be on a volume that must not be formatted. */
const traces: Readonly<Record<string, (image: string) => void>> = {
  'a file system': (image) => makeFileSystem(image),
  ...Object.fromEntries(
    ['1024', '2048', '4096'].map((block) => [
      `a file system with blocks of ${block} that lost its beginning and its end`,
      (image: string) => {
        makeFileSystem(image, '-b', block, '-O', '^has_journal', '-E', 'lazy_itable_init=1');
        writeAt(image, 0, zeros);
        writeAt(image, (size - 4) * mebibyte, zeros);
      },
    ]),
  ),
  'a byte near the beginning': (image) => writeAt(image, 3 * mebibyte, Buffer.from('x')),
  'the last byte': (image) => writeAt(image, size * mebibyte - 1, Buffer.from('x')),
  'a swap signature': (image) => writeAt(image, 4086, Buffer.from('SWAPSPACE2')),
};

test('only a blank volume is blank', async (context) => {
  await using instance = await startInstance({ programs: volumePrograms });
  await using link = connectTo(instance.folder, instance.target);
  await connected(link);
  const image = join(instance.folder, 'image-1');
  await writeFile(join(instance.home, 'devices'), deviceLine(image));

  await context.test('blank', async () => {
    makeBlank(image, size);
    assert.equal(await link.isBlank(volume), true);
  });
  await context.test('blank, small and of an odd size', async () => {
    makeBlank(image, 3);
    writeAt(image, 3 * mebibyte + 511, Buffer.from('\0'));
    assert.equal(await link.isBlank(volume), true);
  });
  for (const [what, leave] of Object.entries(traces)) {
    await context.test(what, async () => {
      makeBlank(image, size);
      leave(image);
      assert.equal(await link.isBlank(volume), false);
    });
  }
  await context.test('partitions', async () => {
    makeBlank(image, size);
    await writeFile(join(instance.home, 'has-children'), '');
    assert.equal(await link.isBlank(volume), false);
    rmSync(join(instance.home, 'has-children'));
  });
  await context.test('a device that shows another serial', async () => {
    await writeFile(join(instance.home, 'devices'), deviceLine(image, 'vol0fffffffffffffff0'));
    await assert.rejects(link.isBlank({ ...volume, device: image }), {
      kind: 'mount',
      message: /does not show/,
    });
    await writeFile(join(instance.home, 'devices'), deviceLine(image, 'vol-0123456789abcdef0'));
    assert.equal(await link.isBlank(volume), true);
  });
  await context.test('a device that is not there any more', async () => {
    rmSync(image);
    await assert.rejects(link.isBlank(volume), { kind: 'mount' });
  });
});

/** Programs that could not do their check. */
const failing: Readonly<Record<string, string>> = {
  'blkid without permission': '#!/bin/sh\n# blkid\necho "error: Permission denied" >&2\nexit 2\n',
  'wipefs fails': '#!/bin/sh\n# wipefs\nexit 1\n',
  'cmp fails': '#!/bin/sh\n# cmp\necho "cmp: Input/output error" >&2\nexit 2\n',
  'cmp is silent': '#!/bin/sh\n# cmp\nexit 1\n',
  'no size': '#!/bin/sh\n# blockdev\nexit 1\n',
  'sudo wants a password': '#!/bin/sh\n# sudo\necho "sudo: a password is required" >&2\nexit 1\n',
};

for (const [what, program] of Object.entries(failing)) {
  test(`a check that cannot be made is an error: ${what}`, async () => {
    const name = /# (\w+)/.exec(program)?.[1] ?? '';
    await using instance = await startInstance({ programs: { ...volumePrograms, [name]: program } });
    await using link = connectTo(instance.folder, instance.target);
    await connected(link);
    const image = join(instance.folder, 'image');
    makeBlank(image, 20);
    await writeFile(join(instance.home, 'devices'), deviceLine(image));
    const message = name === 'sudo' ? /may not use sudo without a password/ : /blank/;
    await assert.rejects(link.isBlank(volume), { kind: 'mount', message });
  });
}
