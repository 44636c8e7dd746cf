// What portalctl does on a terminal only: colours, and a last line that renews itself.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { portalView } from '../rpc/scripted-service.ts';
import { type ClientFixture, clientFixture, portalctlProgram } from './client-fixture.ts';

/** Runs portalctl on a pseudo-terminal and returns everything that reached it. */
async function onTerminal(
  { folder, environment }: ClientFixture,
  argv: string,
  more: Readonly<Record<string, string>>,
  /** What is typed once it is asked for: the question's end, and the answer. */
  typed?: readonly [question: string, answer: string],
): Promise<string> {
  const line = `"${process.execPath}" "${portalctlProgram}" ${argv}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { ...environment, PATH: process.env['PATH'], TERM: 'xterm', ...more },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => {
    const before = text;
    text += bytes.toString();
    if (typed === undefined || before.includes(typed[0]) || !text.includes(typed[0])) return;
    child.stdin.write(typed[1]);
  });
  await once(child, 'close');
  return text;
}

suite('on a terminal', () => {
  const present = spawnSync('script', ['--version']).status === 0;
  const options = { skip: !present && 'no script(1) here' };

  test('colours, unless NO_COLOR says otherwise; never in JSON', options, async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.show(portalView('gpu', 'open'));
    assert.ok((await onTerminal(fixture, 'status gpu', {})).includes('\u001b[32mopen\u001b[0m'));
    for (const [argv, more] of [
      ['status gpu', { NO_COLOR: '1' }],
      ['status gpu', { TERM: 'dumb' }],
      ['status gpu --json', {}],
    ] as const) {
      const text = await onTerminal(fixture, argv, more);
      assert.ok(text.includes('step of open') && !text.includes('\u001b'), text);
    }
  });

  test('a plot is as wide as the terminal, each line of it in a colour', options, async (context) => {
    const fixture = await clientFixture(context);
    const points = [{ at: '2026-11-01T00:00:00.000Z', dollars: 0.5 }];
    const zones = ['eu-west-1a', 'eu-west-1b'];
    fixture.daemon.prices = {
      from: '2026-11-17T10:00:00.000Z',
      to: '2026-11-24T10:00:00.000Z',
      types: ['g5.xlarge'],
      zones,
      series: zones.map((zone) => ({ type: 'g5.xlarge', zone, points })),
    };
    const text = await onTerminal(fixture, 'price known', { LANG: 'C.UTF-8' });
    // By the sign that stands for it: control characters make no regular expression.
    const shown = text.replaceAll('\u001b', 'ESC');
    assert.match(shown, /ESC\[33m[\u2800-\u28ff]{40,}ESC\[0m ESC\[36maESC\[0mESC\[33mbESC\[0m\r\n/);
  });

  test(
    'the current step is a last line that renews itself and is gone at the end',
    options,
    async (context) => {
      const fixture = await clientFixture(context);
      fixture.daemon.onOpen = async () => {
        const answer = fixture.daemon.show(portalView('gpu', 'opening'));
        fixture.daemon.say('gpu', 'fulfilled');
        fixture.daemon.show(portalView('gpu', 'open'));
        return answer;
      };
      const text = await onTerminal(fixture, 'open gpu', {});
      const erase = '\r\u001b[K';
      const [first = '', second = '', ...rest] = text.split(erase);
      assert.match(first, /opening: step of opening \(the test says so\) …$/);
      assert.match(second, /fulfilled\r\n.*opening: step of opening/);
      assert.equal(rest.at(-1), '\u001b[32mgpu is open\u001b[0m\r\n');
    },
  );

  test('before orphans are removed it is asked, and only a yes is one', options, async (context) => {
    const fixture = await clientFixture(context);
    const orphan = { id: 'vol-1', kind: 'volume', portal: 'gpu', state: 'available' } as const;
    fixture.daemon.orphans = [{ ...orphan, description: 'gp3, 8 GiB', endsByItself: false }];
    const question = 'Remove it, with all data on volumes and snapshots? [y/N] ';
    for (const answer of ['\r', 'n\r', '\u0003', '\u0004']) {
      const words = 'orphans remove vol-1; echo "exit $?"';
      const text = await onTerminal(fixture, words, {}, [question, answer]);
      assert.match(text, /vol-1 +gp3, 8 GiB/);
      assert.match(text, /\n[^\n]*nothing was removed/);
      assert.doesNotMatch(text, /\[y\/N\][^\n]*nothing/, 'a line of its own');
      assert.ok(text.trimEnd().endsWith(answer === '\u0003' ? 'exit 130' : 'exit 1'), text);
    }
    const unknown = await onTerminal(fixture, 'orphans remove vol-2', {});
    assert.match(unknown, /vol-2 is not among the orphans; nothing was removed/);
    assert.equal(fixture.daemon.orphans.length, 1);
    const text = await onTerminal(fixture, 'orphans remove vol-1', {}, [question, 'yes\r']);
    assert.match(text, /removed vol-1 \(gp3, 8 GiB\) of portal gpu/);
    assert.equal(fixture.daemon.orphans.length, 0);
  });
});
