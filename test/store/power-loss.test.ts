// The power fails at any moment of writing a record: what is found afterwards is the old record or the new one, and the
// new one as soon as it was said to be saved.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRecords } from '../../daemon/store/records.ts';
import { record } from '../portal/world.ts';
import { watchForPowerLoss } from './power-loss.ts';

test('after a power loss a record is the old one or the new one, and the new one once it was saved', async () => {
  const state = await mkdtemp(join(tmpdir(), 'portald-power-'));
  const disk = watchForPowerLoss(join(state, 'portals'));
  try {
    const { store } = await openRecords(state, '1');
    assert.deepEqual(disk.unsureFolders(), [], 'the folder itself stays');
    const texts: (string | undefined)[] = [undefined];
    for (const nextGeneration of [1, 2, 3]) {
      const saved = record({ name: 'gpu', nextGeneration });
      const before = disk.moments.length;
      await store.save(saved);
      texts.push(`${JSON.stringify(saved)}\n`);
      const allowed = new Set(texts.slice(-2));
      for (const remains of disk.moments.slice(before)) {
        assert.deepEqual([...remains.keys()], ['gpu.json']);
        const found = [...(remains.get('gpu.json') ?? [])];
        assert.deepEqual(
          found.filter((text) => !allowed.has(text)),
          [],
          'neither the old one nor the new one',
        );
      }
      assert.ok(disk.moments.length > before, 'it was written where it is watched');
      assert.deepEqual([...(disk.moments.at(-1)?.get('gpu.json') ?? [])], texts.slice(-1), 'saved is saved');
    }
  } finally {
    disk.end();
    await rm(state, { recursive: true, force: true });
  }
});
