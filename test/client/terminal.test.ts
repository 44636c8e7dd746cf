// What portalctl does on a terminal only: colours, and a last line that renews itself.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { portalView } from '../rpc/scripted-service.ts';
import { type ClientBench, clientBench, portalctlProgram } from './client-bench.ts';

/** Runs portalctl on a pseudo-terminal and returns everything that reached it. */
async function onTerminal(
  { folder, environment }: ClientBench,
  argv: string,
  more: Readonly<Record<string, string>>,
): Promise<string> {
  const line = `"${process.execPath}" "${portalctlProgram}" ${argv}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { ...environment, PATH: process.env['PATH'], TERM: 'xterm', ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await once(child, 'close');
  return text;
}

suite('on a terminal', () => {
  const present = spawnSync('script', ['--version']).status === 0;
  const options = { skip: !present && 'no script(1) here' };

  test('colours, unless NO_COLOR says otherwise; never in JSON', options, async (context) => {
    const bench = await clientBench(context);
    bench.daemon.show(portalView('gpu', 'open'));
    assert.ok((await onTerminal(bench, 'status gpu', {})).includes('\u001b[32mopen\u001b[0m'));
    for (const [argv, more] of [
      ['status gpu', { NO_COLOR: '1' }],
      ['status gpu', { TERM: 'dumb' }],
      ['status gpu --json', {}],
    ] as const) {
      const text = await onTerminal(bench, argv, more);
      assert.ok(text.includes('step of open') && !text.includes('\u001b'), text);
    }
  });

  test(
    'the current step is a last line that renews itself and is gone at the end',
    options,
    async (context) => {
      const bench = await clientBench(context);
      bench.daemon.onOpen = async () => {
        const answer = bench.daemon.show(portalView('gpu', 'opening'));
        bench.daemon.say('gpu', 'fulfilled');
        bench.daemon.show(portalView('gpu', 'open'));
        return answer;
      };
      const text = await onTerminal(bench, 'open gpu', {});
      const erase = '\r\u001b[K';
      const [first = '', second = '', ...rest] = text.split(erase);
      assert.match(first, /opening: step of opening \(the test says so\) …$/);
      assert.match(second, /fulfilled\r\n.*opening: step of opening/);
      assert.equal(rest.at(-1), '\u001b[32mgpu is open\u001b[0m\r\n');
    },
  );
});
