// What portalctl says and how it exits when it is used wrongly, or when no daemon answers; and its help.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { commands } from '../../client/registry.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { portalctlProgram, startPortalctl } from './client-fixture.ts';

test('output that cannot be written is told, exit 1', {
  skip: !existsSync('/dev/full') && 'no /dev/full here',
}, () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [portalctlProgram, '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.deepEqual([status, stderr], [1, 'portalctl: the output cannot be written (ENOSPC)\n']);
});

test('from a folder that was removed every command works that needs none', (context) => {
  const folder = temporaryFolder(context);
  const gone = join(folder, 'gone');
  const run = (...words: string[]) =>
    spawnSync(
      'sh',
      [
        '-c',
        'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"',
        gone,
        process.execPath,
        portalctlProgram,
        ...words,
      ],
      {
        encoding: 'utf8',
        env: { HOME: folder, PATH: process.env['PATH'], PORTALD_SOCKET: join(folder, 'none.sock') },
      },
    );
  for (const words of [['status'], ['close', 'gpu'], ['list']]) {
    const { status, stderr } = run(...words);
    assert.equal(status, 3, stderr);
    assert.match(stderr, /none\.sock/);
  }
  assert.match(run('completion', 'bash').stdout, /portalctl/);
  const { status, stderr } = run('validate', 'gpu');
  assert.equal(status, 4);
  assert.match(stderr, /gone/);
});

suite('wrong use', () => {
  const cases: readonly (readonly [argv: readonly string[], words: RegExp])[] = [
    [['opne', 'gpu'], /unknown command "opne"; did you mean "open"\?/],
    [['-c', 'x.json', 'status'], /unknown option "-c"\nhint: options come after the command/],
    [['frobnicate'], /unknown command "frobnicate"\nhint: portalctl --help/],
    [['list', '--jsno'], /unknown option "--jsno"; did you mean --json\?/],
    [['list', '-x'], /unknown option "-x"/],
    [['list', '--json=yes'], /the option --json takes no value/],
    [['status', '--no-wait'], /unknown option "--no-wait"/],
    [['open'], /the name of a portal is missing\nhint: usage: portalctl open NAME/],
    [['close', 'a', './a.yaml'], /a is named twice/],
    [
      ['info', 'gpu', '-f', 'prot'],
      /does not take "prot"; did you mean "port"\?\nhint: it takes name, status/,
    ],
    [['info', 'gpu', '--field', 'ip', '--ssh-config'], /do not go together/],
    [['ssh', 'gpu', 'ls'], /unexpected argument "ls"\nhint: put a command after --/],
    [['ssh', 'gpu', '-t', 'a:b'], /"a:b" cannot be a session's name/],
    [['ssh', 'gpu', '-t'], /tmux needs a terminal/],
    [['events', '--lines', '-1'], /--lines needs a value/],
    [['events', '--lines', '1e3'], /--lines 1e3 is no number of lines/],
    [['status', '--', '--json'], /"--json" cannot be a portal's name/],
    [['status', ''], /"" cannot be a portal's name/],
    [['status', 'a\u001b[31mb'], /"a\\x1b\[31mb" cannot be/],
    [['help', 'lst'], /unknown command "lst"; did you mean "list"\?/],
    [['orphans', 'rmove', 'vol-1'], /unexpected argument "rmove"/],
    [['orphans', 'remove'], /what to remove is missing\nhint: usage: portalctl orphans/],
    [['orphans', 'remove', 'gpu', '--yes'], /"gpu" cannot be removed\nhint: name the id of an instance/],
    [['orphans', '--yes'], /--yes goes with remove/],
    [['--verson'], /did you mean --version\?/],
  ];
  for (const [argv, words] of cases) {
    test(`portalctl ${JSON.stringify(argv)}`, async (context) => {
      const folder = temporaryFolder(context);
      const environment = { HOME: folder };
      const inWords = await startPortalctl(context, argv, environment, folder).finished;
      assert.equal(inWords.exit, 2);
      assert.match(inWords.stderr, /^portalctl: /);
      assert.match(inWords.stderr, words);
      assert.equal(inWords.stdout, '');
    });
  }

  test('the same as JSON; no command at all', async (context) => {
    const folder = temporaryFolder(context);
    const json = await startPortalctl(context, ['opne', '--json'], { HOME: folder }, folder).finished;
    assert.equal(json.exit, 2);
    assert.equal(JSON.parse(json.stdout).error.kind, 'usage');
    const nothing = await startPortalctl(context, [], { HOME: folder }, folder).finished;
    assert.equal(nothing.exit, 2);
    assert.match(nothing.stderr, /^usage: portalctl COMMAND/);
  });
});

suite('help', () => {
  test('every command has its own, by --help, -h and help COMMAND, without a daemon', async (context) => {
    const folder = temporaryFolder(context);
    const run = (...argv: string[]): ReturnType<typeof startPortalctl>['finished'] =>
      startPortalctl(context, argv, { HOME: folder }, folder).finished;
    for (const name of commands.keys()) {
      const [long, short, asked] = await Promise.all([
        run(name, '--help'),
        run('-h', name),
        run('help', name),
      ]);
      assert.equal(long.exit, 0);
      assert.match(long.stdout, new RegExp(`^usage: portalctl ${name}`));
      for (const line of long.stdout.split('\n')) assert.ok(line.length <= 80, line);
      for (const part of [/\noptions:\n/, /\nexit codes:\n/, /\nexample:\n/]) assert.match(long.stdout, part);
      assert.deepEqual([short, asked], [long, long]);
    }
    const [help, asked, version] = await Promise.all([run('--help'), run('help'), run('--version')]);
    assert.deepEqual(asked, help);
    for (const line of help.stdout.split('\n')) assert.ok(line.length <= 80, line);
    for (const name of commands.keys()) assert.match(help.stdout, new RegExp(`\n {2}${name} `));
    assert.match(version.stdout, /^portalctl \d+\.\d+\.\d+\n$/);
    const documents = await Promise.all([
      run('--version', '--json'),
      run('--help', '--json'),
      run('open', '-h', '--json'),
    ]);
    const [{ version: number }, general, { help: ofOpen }] = documents.map(({ stdout }) =>
      JSON.parse(stdout),
    );
    assert.equal(`portalctl ${number}\n`, version.stdout);
    assert.deepEqual(general, { help: help.stdout });
    assert.match(ofOpen, /^usage: portalctl open/);
  });
});

suite('no daemon', () => {
  const commandLines = [
    ['status'],
    ['status', 'gpu'],
    ['list'],
    ['events'],
    ['close', 'gpu'],
    ['open', 'gpu'],
  ];
  test('no socket: every command names the path and how to start it, exit 3', async (context) => {
    const folder = temporaryFolder(context);
    writeFileSync(join(folder, 'gpu.yaml'), '{}');
    const path = join(folder, 'portald', 'portald.sock');
    for (const argv of commandLines) {
      const environment = { HOME: folder, XDG_RUNTIME_DIR: folder };
      const { exit, stdout, stderr } = await startPortalctl(context, argv, environment, folder).finished;
      assert.deepEqual([exit, stdout], [3, '']);
      assert.equal(
        stderr,
        `portalctl: portald is not running: there is no socket at ${path}\n` +
          'hint: start it: portalctl daemon start, or portald in another terminal (in a clone: with npx)\n',
      );
    }
  });

  test('a dead socket, a file, a path that is too long, a stranger', async (context) => {
    const folder = temporaryFolder(context);
    const run = async (socket: string): Promise<{ exit: number | string; kind: string; message: string }> => {
      const environment = { HOME: folder, PORTALD_SOCKET: socket };
      const finished = await startPortalctl(context, ['list', '--json'], environment, folder).finished;
      return { exit: finished.exit, ...JSON.parse(finished.stdout).error };
    };
    const dead = join(folder, 'dead.sock');
    const script = `require('node:net').createServer().listen(${JSON.stringify(dead)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    const refused = await run(dead);
    assert.equal(refused.exit, 3);
    assert.match(refused.message, /exists, but nobody listens on it/);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const noSocket = await run(file);
    assert.deepEqual([noSocket.exit, noSocket.message], [3, `${file} is not a socket`]);
    assert.deepEqual((await run(`/${'x'.repeat(200)}`)).kind, 'socket-path');
    assert.match((await run('relative.sock')).message, /not an absolute path/);

    const stranger = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    stranger.listen(join(folder, 'stranger.sock'));
    context.after(() => stranger.close());
    await once(stranger, 'listening');
    const strange = await run(join(folder, 'stranger.sock'));
    assert.deepEqual([strange.exit, strange.kind], [1, 'invalid-message']);
  });

  test("another user's socket: whose it is", {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, async (context) => {
    const folder = temporaryFolder(context);
    const socket = join(folder, 'portald.sock');
    const server = createServer().listen(socket);
    context.after(() => server.close());
    await once(server, 'listening');
    chmodSync(folder, 0o755);
    chmodSync(socket, 0o600);
    const program = `
      import { explainConnectFailure } from ${JSON.stringify(join(import.meta.dirname, '../../client/connect-failure.ts'))};
      import { connect } from 'node:net';
      process.setuid(65534);
      connect(${JSON.stringify(socket)}).on('error', (error) => {
        console.log(explainConnectFailure(${JSON.stringify(socket)}, error).message);
      });`;
    const file = join(folder, 'as-nobody.ts');
    writeFileSync(file, program);
    const { stdout } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    assert.match(stdout, /permission denied on the socket .*, which belongs to user id 0 \(you are 65534\)/);
  });
});
