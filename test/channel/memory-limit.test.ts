// The memory of the rsyncs here that read what an instance sends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { adviceFor } from '../../daemon/channel/advice.ts';
import { runChild } from '../../daemon/channel/child.ts';
import { memoryLimit, withMemoryLimit } from '../../daemon/channel/memory-limit.ts';
import { eventually } from '../fixture/eventually.ts';
import { patient, startChannelFixture } from './channel-fixture.ts';
import { processesHere } from './slow-rsync.ts';

const gib = 1024 ** 3;
const environment = process.env;
const { signal } = new AbortController();

test('a quarter of the memory, but at least 1 GiB and at most 8', () => {
  assert.deepEqual(
    [0.5, 8, 16, 256].map((size) => memoryLimit(size * gib) / gib),
    [1, 2, 4, 8],
  );
});

test('a program that takes more is refused it, and ends', async () => {
  const words = withMemoryLimit([process.execPath, '-e', ''], 64 * 1024 * 1024);
  const { code } = await runChild(words, { environment, signal });
  assert.notEqual(code, 0);
  const said = 'ERROR: out of memory in flist_expand [receiver]';
  assert.match(adviceFor(said, 'in') ?? '', /smaller remote_path/);
});

test('words are passed on as they are', async () => {
  const given = ['a b', '$HOME', "'", '"', '', '*', '-n'];
  const { stdout } = await runChild(withMemoryLimit(['printf', '%s\\n', ...given]), { environment, signal });
  assert.equal(stdout, given.map((one) => `${one}\n`).join(''));
});

test('those that wait to read from an instance are held to it', {
  skip: process.platform !== 'linux',
}, async () => {
  await using fixture = await startChannelFixture();
  const inbound = { direction: 'in', local_path: './', remote_path: '~/there/', recursive: true } as const;
  const channels = [
    fixture.open({ ...inbound, exclude: ['*.tmp'] }),
    fixture.open({ ...inbound, direction: 'out' }),
  ];
  for (const channel of channels) {
    channel.resume(await fixture.transport());
    await channel.synchronise(patient);
  }
  const batchBytes = 256 * 1024 * 1024;
  for (const [pattern, bytes] of [
    ['read-batch=- --', batchBytes],
    ['files-from=- --from0 -I', batchBytes],
    ['files-from=- --from0 --ignore', memoryLimit(totalmem())],
  ] as const) {
    const held = await eventually(`${pattern} waits`, () => {
      const [pid] = processesHere(fixture, pattern).filter((one) => limitOf(one) !== 'unlimited');
      return pid === undefined ? undefined : limitOf(pid);
    });
    assert.equal(held, String(Math.floor(bytes / 1024) * 1024), pattern);
  }
});

function limitOf(pid: number): string | undefined {
  return /^Max address space +(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
}
