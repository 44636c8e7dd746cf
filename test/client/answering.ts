// portalctl on a pseudo-terminal, with somebody who answers what it asks.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ClientFixture, portalctlProgram } from './client-fixture.ts';

/** Runs portalctl on a pseudo-terminal and answers its questions in their order; resolves to all that was shown. */
export async function answering(
  { folder, environment }: ClientFixture,
  argv: string,
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<string> {
  const line = `"${process.execPath}" "${portalctlProgram}" ${argv}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { ...environment, PATH: process.env['PATH'], TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const open = [...answers];
  let text = '';
  let from = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString();
    const [next] = open;
    const place = next === undefined ? -1 : text.indexOf(next[0], from);
    if (next === undefined || place < 0) return;
    from = place + next[0].length;
    open.shift();
    child.stdin.write(`${next[1]}\r`);
  });
  await once(child, 'close');
  assert.deepEqual(open, [], `not asked: ${text}`);
  return text;
}
