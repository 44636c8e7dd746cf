// What a watch on the instance sends: its form, and that anything else ends it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { watchFrames } from '../../daemon/channel/watch-frames.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';
import { startChannelFixture } from './channel-fixture.ts';

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
