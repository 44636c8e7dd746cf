// The program that watches on an instance, killed in the moment in which it starts an rsync that waits.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchProgram } from '../../daemon/channel/watch-program.ts';
import { eventually } from '../fixture/eventually.ts';
import { processesWith } from '../fixture/processes.ts';

test('an rsync that is just starting ends with it', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'portald-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'source'));
  // The moment lasts a second.
  const beginning = 'def tie(parent):\n';
  const program = watchProgram.replace(beginning, `${beginning}    time.sleep(1)\n`);
  const words = ['-c', program, join(folder, 'source'), '1', '0', '31', '0', '', '[]'];
  const environment = { ...process.env, TMPDIR: folder };
  const watcher = spawn('python3', words, { env: environment, stdio: ['pipe', 'ignore', 'inherit'] });
  context.after(() => watcher.kill('SIGKILL'));
  // Till then it is a second process of the same words.
  const all = (): string[] => processesWith(join(folder, 'source'));
  await eventually('it starts one', () => all().length === 2);
  watcher.kill('SIGKILL');
  await eventually('none is left', () => all().length === 0, 20_000);
});
