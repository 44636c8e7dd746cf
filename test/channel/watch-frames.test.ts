// What a watch on the instance sends: its form, and that anything else ends it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { pauseAfterRefusalsMs } from '../../daemon/channel/receive-batches.ts';
import { watchFrames } from '../../daemon/channel/watch-frames.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';
import { openWay } from './way-fixture.ts';

const inbound = {
  direction: 'in',
  local_path: './',
  remote_path: '~/there/',
  recursive: true,
  delay: 0.1,
} as const;

test('frames that are none, or were not asked for, end the watch, and that is told', async () => {
  const read = async (text: string): Promise<unknown> => {
    const frames = [];
    for await (const frame of watchFrames(Readable.from([Buffer.from(text)]))) frames.push(frame);
    return frames;
  };
  assert.deepEqual(await read('watching\nbatch 1 2\ndata 3\na\nbend -9\nchanged\n'), [
    { kind: 'watching' },
    { kind: 'batch', files: 1, bytes: 2 },
    { kind: 'data', bytes: Buffer.from('a\nb') },
    { kind: 'end', code: -9 },
    { kind: 'changed' },
  ]);
  for (const text of ['x\n', 'data 65537\n', 'data -1\n', 'y'.repeat(65), 'batch 1\n', '\n']) {
    await assert.rejects(() => read(text), /no form that is known/, text);
  }
  const python3 = '#!/bin/sh\necho watching; echo batch 1 1; exec cat >/dev/null\n';
  await using fixture = await startChannelFixture({ programs: { python3 } });
  const channel = fixture.open({ ...inbound, exclude: ['- x'] });
  channel.resume(await fixture.transport());
  await eventually('it is told', () => /not asked for; looking/.test(channel.view().note ?? ''));
  await writeFile(join(fixture.remote, 'file'), 'x');
  await eventually('it arrives', () => existsSync(join(fixture.local, 'file')));
});

test('frames are the same however they are cut, and each byte costs the same', async () => {
  const whole = Buffer.from(`watching\ndata 60000\n${'x'.repeat(60_000)}end 0\nchanged\n`);
  for (const size of [1, 7, 70_000]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size));
    const kinds = new Set<string>();
    let bytes = 0;
    for await (const frame of watchFrames(Readable.from(pieces))) {
      kinds.add(frame.kind);
      if (frame.kind !== 'data') continue;
      bytes += frame.bytes.length;
      assert.equal(frame.bytes.buffer, whole.buffer, 'nothing is copied');
    }
    assert.deepEqual([...kinds], ['watching', 'data', 'end', 'changed']);
    assert.equal(bytes, 60_000);
  }
});

test('batches that are refused one after the other are heeded less and less often, and that is reported', async () => {
  assert.deepEqual([0, 1, 2, 3, 7, 50].map(pauseAfterRefusalsMs), [0, 1000, 2000, 4000, 60_000, 60_000]);
  const python3 = `#!/bin/sh\necho watching; while printf 'batch 1 1\\ndata 4\\nbad!end 0\\n'; do :; done\n`;
  await using fixture = await startChannelFixture({ programs: { python3 } });
  const channel = fixture.open(inbound);
  channel.resume(await fixture.transport());
  const seen = new Set<string>();
  await eventually('it is reported', () => {
    for (const line of processesWith(`--read-batch=- -- ${fixture.local}`)) seen.add(line);
    return /3 times in a row, .*flags/.test(channel.view().note ?? '');
  });
  // One for each, and those that wait for the next.
  assert.ok(seen.size <= 8, `${seen.size} readers were started`);
  await writeFile(join(fixture.remote, 'file'), 'x');
  await eventually('what is there arrives all the same', () => existsSync(join(fixture.local, 'file')));
});

test('a batch that never ends holds nothing for ever', async () => {
  const python3 = `#!/bin/sh\necho watching; echo batch 1 1; while echo data 0; do sleep 0.1; done\n`;
  await using fixture = await startChannelFixture({ programs: { python3 } });
  const limits = { silentPassMs: 60_000, wholeBatchMs: 1000, preparationMs: 60_000 };
  await using way = await openWay(fixture, { direction: 'in' }, { limits });
  await way.pass(patient.signal, () => {});
  await eventually('it watches', () => way.isTold());
  await eventually('it is ended', () => !way.isTold());
  await writeFile(join(fixture.remote, 'file'), 'x');
  await way.pass(patient.signal, () => {});
  assert.ok(existsSync(join(fixture.local, 'file')));
});

test('a batch within another ends the watch, and no reader is left', async () => {
  const flags = String.raw`printf 'batch 1 1\ndata 4\n\210\0\0\0'`;
  const python3 = `#!/bin/sh\necho watching; ${flags}; ${flags}; exec cat >/dev/null\n`;
  await using fixture = await startChannelFixture({ programs: { python3 } });
  const channel = fixture.open(inbound);
  channel.resume(await fixture.transport());
  await eventually('it is told', () => /within another; looking/.test(channel.view().note ?? ''));
  const readers = (): string[] => processesWith(`--read-batch=- -- ${fixture.local}`);
  await eventually('no reader is left', () => readers().length === 0);
});
