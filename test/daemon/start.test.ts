// What portald says when it cannot start, or is asked for help: the sentence, the hint and the exit code, by the real
// program.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { programPath, runToEnd } from '../fixture/programs.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';

suite('a configuration that cannot be used: exit 2', () => {
  const cases: readonly (readonly [title: string, text: string | undefined, says: string])[] = [
    [
      'missing, though PORTALD_CONFIG names it',
      undefined,
      'portald: the configuration FILE does not exist\n' +
        'hint: set PORTALD_CONFIG to a file that can be read, or unset it\n',
    ],
    [
      'mistakes',
      'regin: eu-west-1\nlog_level: loud\n',
      'FILE:1:1: regin: unknown field; did you mean "region"?\n' +
        'FILE:2:12: log_level: must be one of "debug", "info", "warn", "error"\n' +
        'portald: the configuration FILE has 2 mistakes\n' +
        'hint: correct it, or set PORTALD_CONFIG to another one\n',
    ],
    [
      'a mistake of the whole file',
      '- region\n',
      'FILE:1:1: must be an object\n' +
        'portald: the configuration FILE has a mistake\n' +
        'hint: correct it, or set PORTALD_CONFIG to another one\n',
    ],
  ];
  for (const [title, text, says] of cases) {
    test(title, async (context) => {
      const folder = temporaryFolder(context);
      const file = join(folder, 'config.yaml');
      if (text !== undefined) writeFileSync(file, text);
      const env = { HOME: folder, PATH: process.env['PATH'] ?? '', PORTALD_CONFIG: file };
      const { code, stdout, stderr } = await runToEnd(process.execPath, [programPath('daemon')], { env });
      assert.deepEqual([code, stdout, stderr], [2, '', says.replaceAll('FILE', file)]);
    });
  }

  test('a relative path', async (context) => {
    const env = { HOME: temporaryFolder(context), PATH: process.env['PATH'] ?? '', PORTALD_CONFIG: 'here' };
    const { code, stderr } = await runToEnd(process.execPath, [programPath('daemon')], { env });
    assert.equal(code, 2, 'another start is of no use');
    assert.match(stderr, /^portald: PORTALD_CONFIG is "here", which is not an absolute path\nhint: .*\n$/);
  });

  test('a folder', async (context) => {
    const folder = temporaryFolder(context);
    const env = { HOME: folder, PATH: process.env['PATH'] ?? '', PORTALD_CONFIG: folder };
    const { code, stderr } = await runToEnd(process.execPath, [programPath('daemon')], { env });
    assert.deepEqual([code, stderr.split('\n')[0]], [2, `portald: the configuration ${folder} is a folder`]);
  });
});

test('a configuration that is not there, not named, or has only comments is an empty one', async (context) => {
  for (const text of [undefined, '', '# region: eu-west-1\n']) {
    const folder = temporaryFolder(context);
    mkdirSync(join(folder, '.config/portald'), { recursive: true });
    if (text !== undefined) writeFileSync(join(folder, '.config/portald/config.yaml'), text);
    // The next thing that it looks at is the socket's path.
    const env = { HOME: folder, PATH: process.env['PATH'] ?? '', PORTALD_SOCKET: 'relative' };
    const { stderr } = await runToEnd(process.execPath, [programPath('daemon')], { env });
    assert.match(stderr, /^portald: PORTALD_SOCKET is "relative"/);
  }
});

test('help, version and wrong use', async () => {
  const run = (...words: string[]) =>
    runToEnd(process.execPath, [programPath('daemon'), ...words], { env: {} });
  const [long, short, version, option, argument] = await Promise.all([
    run('--help'),
    run('-h'),
    run('--version'),
    run('--nope'),
    run('run\u001b'),
  ]);
  assert.equal(long.code, 0);
  assert.match(long.stdout, /^usage: portald \[--check\]\n/);
  for (const line of long.stdout.split('\n')) assert.ok(line.length <= 80, line);
  assert.deepEqual(short, long);
  const env = { HOME: '/nowhere', PORTALD_SOCKET: '/nowhere/folder/' };
  const checked = await runToEnd(process.execPath, [programPath('daemon'), '--check'], { env });
  assert.equal(checked.code, 2);
  assert.match(checked.stderr, /^portald: the socket path \/nowhere\/folder\/ names a folder\nhint: /);
  assert.match(version.stdout, /^portald \d+\.\d+\.\d+\n$/);
  assert.deepEqual(
    [option.code, option.stderr],
    [2, 'portald: unknown option "--nope"\nhint: see portald --help\n'],
  );
  assert.match(argument.stderr, /^portald: unexpected argument "run\\x1b"\n/);
});
