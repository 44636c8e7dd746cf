// A drain whose client is killed at any moment, and done again by another: the file system is clean, and every file whose
// fsync returned is there. A sample by a seed that is printed; PORTALD_CRASH=all kills a hundred times.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allWanted, chanceOf, seedOf } from '../crash/chance.ts';
import { connected, connectTo } from '../remote/link-fixture.ts';
import type { LaboratoryInstance } from './instance.ts';
import { skippedBecause } from './requirements.ts';
import { serialOf, volumeOf } from './volume-set.ts';
import { withInstance } from './with-instance.ts';

const kills = allWanted(process.env) ? 100 : 2;
const chance = chanceOf(seedOf(process.env, (text) => process.stdout.write(`${text}\n`)));
const volume = volumeOf(0, '/data/work');

/** Writes numbered files, and tells each once it is on the disk. It ends by itself when it can write no more. */
const writer = `
import os, signal, sys
if sys.argv[1] == 'stubborn':
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.chdir('/data/work')
for name in os.listdir('.'):
    if '-' in name:
        os.unlink(name)
number = 0
while True:
    name = '%s-%d' % (sys.argv[2], number)
    with open(name, 'w') as file:
        file.write(name * 500)
        file.flush()
        os.fsync(file.fileno())
    print(name, flush=True)
    number += 1
`;

test('drains that are killed and done again', { skip: skippedBecause('/usr/bin/python3') }, () =>
  withInstance(async ({ instance, link, blankImage }) => {
    const image = blankImage(256);
    for (let count = 0; count < kills; count++) {
      const name = chance.pick(['nvme1n1', 'nvme2n1']);
      await instance.attach(image, name, serialOf(volume));
      if (count === 0) await instance.asRoot('mkfs.ext4 -q "$1"', `/dev/${name}`);
      assert.equal((await link.mountVolume(volume)).state, 'mounted');
      const kept = await killInDrain(instance, String(count));
      await instance.detach(name);
      await instance.attach(image, name, serialOf(volume));
      await instance.asRoot('e2fsck -fn "$1" 2>&1', `/dev/${name}`);
      const list = await instance.asRoot(
        'mount -r "$1" /mnt && find /mnt -type f -printf "%f %s\\n" && umount /mnt',
        `/dev/${name}`,
      );
      const there = new Set(list.split('\n'));
      const lost = kept.filter((file) => !there.has(`${file} ${file.length * 500}`));
      assert.deepEqual(lost, [], `after kill ${count}`);
      assert.ok(kept.length > 0, 'something was written meanwhile');
      await instance.detach(name);
    }
  }),
);

/** Drains while somebody writes, killing the client in the middle, and again by another; what was written for certain. */
async function killInDrain(instance: LaboratoryInstance, round: string): Promise<string[]> {
  const isStubborn = chance.below(8) === 0;
  const writing = instance.start('/usr/bin/python3', '-c', writer, isStubborn ? 'stubborn' : 'polite', round);
  const kept: string[] = [];
  createInterface(writing.stdout ?? process.stdin).on('line', (name) => kept.push(name));
  await once(writing.stdout ?? process.stdin, 'data');

  const folder = mkdtempSync(join(instance.folder, 'drain-'));
  const words = [folder, JSON.stringify(instance.target), JSON.stringify(volume)];
  const client = spawn(process.execPath, [join(import.meta.dirname, 'drain-program.ts'), ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = once(client, 'exit');
  await once(client.stdout, 'data');
  client.stdin.write('go\n');
  await once(client.stdout, 'data');
  await sleep(chance.below(isStubborn ? 8000 : 600));
  client.kill('SIGKILL');
  await gone;

  await using second = connectTo(mkdtempSync(join(instance.folder, 'drain-')), instance.target);
  await connected(second);
  await second.unmountVolume(volume, { evict: true });
  assert.equal((await second.inspectVolumes([volume]))[0]?.mounted, false);
  if (writing.exitCode === null && writing.signalCode === null) await once(writing, 'exit');
  return kept;
}
