// Whatever a daemon tells (tags, names, banners, output, errors, log lines), nothing but our own colours and erasures
// reaches a terminal: every command, in words, as JSON, and on a terminal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { answering } from './answering.ts';
import { type ClientFixture, clientFixture, portalctlProgram } from './client-fixture.ts';
import { hostileRefusal, makeHostile, payload } from './hostile-text.ts';

const commands: readonly (readonly string[])[] = [
  ['status'],
  ['status', 'gpu'],
  ['why', 'gpu'],
  ['list'],
  ['events'],
  ['events', 'gpu'],
  ['channel', 'gpu'],
  ['channel', 'gpu', 'pause'],
  ['info', 'gpu'],
  ['info', 'gpu', '--ssh-config'],
  ['orphans'],
  ['orphans', 'remove', 'i-3', '--yes'],
  ['volume', 'list', '--all'],
  ['volume', 'list', '--all', '--snapshots'],
  ['volume', 'delete', 'vol-00000001', '--yes'],
  ['price', '--type', 'g5.xlarge'],
  ['image', 'search', 'deep'],
  ['doctor'],
  ['logs'],
  ['validate', 'wrong'],
  ['validate', 'binary'],
  ['validate', 'gpu', '--aws'],
  ['reload', 'gpu'],
  ['open', 'refused'],
];

/** Fails at what would drive a terminal; `\n` is a line's end, and on a terminal `\r` before it. */
function assertHarmless(text: string, what: string): void {
  // Colours, erasures, the cursor's place, the alternate screen: what we send ourselves.
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  const own = /\u001b\[(?:\d{0,3}(?:;\d{1,3})*m|[012]?[JK]|H|\d{1,3}G|\?(?:7|25|1049)[hl])/g;
  const left = text.replaceAll(own, '').replaceAll(/\r+\n/g, '\n').replaceAll('\r', '');
  const found = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.exec(left.replaceAll('\n', ''));
  assert.equal(found, null, `${what}: ${JSON.stringify(left)}`);
}

async function hostileBench(context: Parameters<typeof clientFixture>[0]): Promise<ClientFixture> {
  const fixture = await clientFixture(context);
  const { daemon, folder } = fixture;
  fixture.environment['PATH'] = '/nowhere';
  daemon.logFile = join(folder, 'portald.log');
  const line = { level: 40, time: 0, msg: `said${payload}`, [`key${payload}`]: `value${payload}` };
  const err = { type: 'Error', message: payload, stack: `Error: ${payload}\n    at ${payload}` };
  writeFileSync(daemon.logFile, `${JSON.stringify({ ...line, err })}\nno JSON ${payload}\n`);
  writeFileSync(join(folder, 'wrong.yaml'), `"key${payload.replaceAll(/[\r\n\0]/g, '')}": 1\n`);
  writeFileSync(join(folder, 'binary.yaml'), `!!binary "${Buffer.from(payload).toString('base64')}": 1\n`);
  writeFileSync(join(folder, 'refused.yaml'), 'spot_instance: {}\n');
  makeHostile(daemon);
  // The log is read from where the daemon says that it is.
  const { status } = daemon.service;
  Object.assign(daemon.service, {
    open: () => Promise.reject(hostileRefusal()),
    status: async () => ({ ...(await status()), logFile: daemon.logFile }),
  });
  return fixture;
}

suite('text that would drive a terminal', () => {
  test('is made visible by every command, in words and as JSON', async (context) => {
    const fixture = await hostileBench(context);
    let shown = 0;
    const runs = commands.flatMap((words) => [words, [...words, '--json']]);
    const next = runs.values();
    const worker = async (): Promise<void> => {
      for (const words of next) {
        const { stdout, stderr } = await fixture.run(...words);
        assertHarmless(stdout, words.join(' '));
        assertHarmless(stderr, words.join(' '));
        if (words.includes('--json')) JSON.parse(stdout.split('\n')[0] ?? '');
        const text = `${stdout}${stderr}`;
        assert.notEqual(text, '', words.join(' '));
        if (/\\x1b\[2J|\\u001b\[2J/.test(text)) shown++;
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    assert.ok(shown > commands.length, `the text reached ${shown} of ${runs.length} runs`);
  });

  test('is made visible on a terminal', async (context) => {
    const fixture = await hostileBench(context);
    for (const words of ['status', 'status gpu', 'why gpu', 'price --type g5.xlarge', 'volume list --all']) {
      assertHarmless(await onTerminal(fixture, words), words);
    }
    const watched = await onTerminal(fixture, 'status gpu --watch', 'recovering');
    assert.match(watched, /\\x1b\[2J/);
    assertHarmless(watched, 'status --watch');
  });

  test('is made visible in questions', async (context) => {
    const fixture = await hostileBench(context);
    for (const words of ['orphans remove i-3', 'volume delete vol-00000001 --force', 'close --all']) {
      const asked = await answering(fixture, words, [['[y/N]', 'n']]);
      assertHarmless(asked, words);
      assert.match(asked, /\\x1b\[2J/, words);
    }
  });
});

/** What a terminal gets; `q` is typed once it shows `until`. */
async function onTerminal(
  { folder, environment }: ClientFixture,
  words: string,
  until?: string,
): Promise<string> {
  const line = `"${process.execPath}" "${portalctlProgram}" ${words}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { ...environment, PATH: process.env['PATH'], TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  let isLeft = false;
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    if (isLeft || until === undefined || !text.includes(until)) return;
    isLeft = true;
    child.stdin.write('q');
  });
  await once(child, 'close');
  return text;
}
