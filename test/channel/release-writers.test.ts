// portald killed in the moment in which a writer has started and not opened its named pipe yet: the next portald ends it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writerWords } from '../../daemon/channel/batch-arguments.ts';
import { eventually } from '../fixture/eventually.ts';
import { channelsIn } from './channel-bench.ts';

test('a writer that nobody reads ends when the next portald starts', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'portald-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const pair = join(folder, 'run/channels/pair-abcdef');
  const files = { batch: join(pair, 'batch'), empty: join(pair, 'empty') };
  mkdirSync(files.empty, { recursive: true });
  mkdirSync(join(folder, 'run/channels/pair-ghijkl'));
  execFileSync('mkfifo', [files.batch]);
  const [program = '', ...words] = writerWords(`${folder}/`, files, 31);
  const writer = spawn(program, words, { stdio: 'ignore' });
  context.after(() => writer.kill('SIGKILL'));
  const exited = once(writer, 'exit');
  // It is made just before it waits.
  await eventually('it waits', () => existsSync(`${files.batch}.sh`));
  assert.equal(writer.exitCode, null);
  channelsIn(folder);
  await exited;
  assert.ok(!existsSync(pair));
});
