// How far a transfer is: read from what a real rsync prints, and shown to people.
import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { transferText } from '../../client/channel-text.ts';
import { runChild } from '../../daemon/channel/child.ts';
import { progressIn } from '../../daemon/channel/rsync-progress.ts';
import { movedBy } from '../../daemon/channel/rsync-stats.ts';

test('a slow rsync tells how far it is, and at its end what it moved', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portald-progress-'));
  await writeFile(join(folder, 'file'), '');
  await truncate(join(folder, 'file'), 6_000_000);
  const told: number[] = [];
  const words = [
    'rsync',
    '--stats',
    '--info=progress2',
    '--bwlimit=2000',
    `${folder}/file`,
    `${folder}/copy`,
  ];
  const { stdout } = await runChild(words, {
    environment: process.env,
    signal: new AbortController().signal,
    told: (text) => {
      const now = progressIn(text);
      if (now !== undefined) told.push(now.bytes, now.percent);
    },
  });
  await rm(folder, { recursive: true });
  assert.ok(told.length > 4, `${told.join()} in ${JSON.stringify(stdout)}`);
  assert.deepEqual(told.slice(-2), [6_000_000, 100]);
  assert.ok((told[1] ?? 100) < 100);
  assert.deepEqual(movedBy(stdout), { files: 1, bytes: 6_000_000 });
});

test('a piece of output without a whole progress tells nothing', () => {
  for (const text of ['', '234  12% ', '\r  1,234', 'sent 1,234 bytes']) {
    assert.equal(progressIn(text), undefined, text);
  }
  assert.deepEqual(progressIn('\r  1  1%  x\r  1,234  12%  1.00MB/s'), { bytes: 1234, percent: 12 });
});

test('a transfer in words', () => {
  const text = transferText({ bytes: 1_200_000_000, percent: 25, tookMs: 24_000 });
  assert.equal(text, `[${'█'.repeat(6)}${'░'.repeat(18)}] 25 %, 1.2 GB, 50.0 MB/s`);
});
