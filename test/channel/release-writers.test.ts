// portald killed in the moment in which a writer has started and not opened its named pipe yet: the next portald ends it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writerWords } from '../../daemon/channel/batch-arguments.ts';
import { releaseWriters } from '../../daemon/channel/release-writers.ts';
import { eventually } from '../fixture/eventually.ts';
import { channelsIn } from './channel-fixture.ts';

test('a writer that nobody reads ends when the next portald starts', async (context) => {
  const { folder, channels, files } = makePair(context);
  mkdirSync(join(channels, 'pair-ghijkl'));
  const [program = '', ...words] = writerWords(`${folder}/`, files, 31);
  const writer = spawn(program, words, { stdio: 'ignore' });
  context.after(() => writer.kill('SIGKILL'));
  const exited = once(writer, 'exit');
  // It is made just before it waits.
  await eventually('it waits', () => existsSync(`${files.batch}.sh`));
  assert.equal(writer.exitCode, null);
  channelsIn(folder);
  await exited;
  assert.deepEqual(readdirSync(channels), ['began']);
});

test('one that comes to its pipe while that is being removed waits for nobody', (context) => {
  const { channels, files } = makePair(context);
  releaseWriters(channels, () => {
    // Without who reads, this fails where a writer would wait.
    closeSync(openSync(files.batch, constants.O_WRONLY | constants.O_NONBLOCK));
    rmSync(channels, { recursive: true });
  });
  assert.ok(!existsSync(channels));
});

/** A pair's files, as a killed portald leaves them. */
function makePair(context: TestContext): {
  folder: string;
  channels: string;
  files: { batch: string; empty: string };
} {
  const folder = mkdtempSync(join(tmpdir(), 'portald-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const channels = join(folder, 'run/channels');
  const pair = join(channels, 'pair-abcdef');
  const files = { batch: join(pair, 'batch'), empty: join(pair, 'empty') };
  mkdirSync(files.empty, { recursive: true });
  execFileSync('mkfifo', [files.batch]);
  return { folder, channels, files };
}
