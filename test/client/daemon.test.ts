// portalctl daemon where no service manager is: the real portald in the background, started, told about and ended.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { portalView } from '../rpc/scripted-service.ts';
import { clientFixture, type Finished, startPortalctl } from './client-fixture.ts';

/** A home with a space, and a PATH on which neither systemd nor launchd knows of portald. */
function surroundings(context: TestContext): Record<string, string> {
  // What was started ends with the test, whatever happens, and before its folder is removed.
  context.after(() => run(context, environment, 'stop').then(() => undefined));
  const home = join(temporaryFolder(context), 'my home');
  const tools = join(home, 'tools');
  mkdirSync(tools, { recursive: true });
  const offline = '#!/bin/sh\ncase "$*" in *is-system-running) echo offline ;; esac\nexit 1\n';
  for (const name of ['systemctl', 'launchctl']) writeFileSync(join(tools, name), offline, { mode: 0o755 });
  const state = join(home, 'state');
  const environment = {
    HOME: home,
    PATH: `${tools}:${process.env['PATH']}`,
    PORTALD_STATE_DIR: state,
    PORTALD_SOCKET: join(state, 'portald.sock'),
  };
  return environment;
}

function run(
  context: TestContext,
  environment: Record<string, string>,
  ...words: readonly string[]
): Promise<Finished> {
  return startPortalctl(context, ['daemon', ...words], environment, '/').finished;
}

// Each has a home of its own, and most of their time they wait.
suite('portalctl daemon without a service', { concurrency: 3 }, () => {
  test('starts portald in the background, tells about it, and ends it', async (context) => {
    const environment = surroundings(context);
    const before = await run(context, environment, 'status', '--json');
    assert.equal(before.exit, 3);
    assert.equal(JSON.parse(before.stdout).isRunning, false);

    const started = await run(context, environment, 'start');
    assert.equal(started.exit, 0, started.stderr);
    assert.match(
      started.stdout,
      /^started portald in the background \(process \d+\); .*\n.*\nto undo it: portalctl daemon stop\n$/,
    );
    const again = await run(context, environment, 'start', '--json');
    const { done, daemon } = JSON.parse(again.stdout);
    assert.deepEqual([again.exit, done], [0, [`portald runs already (process ${daemon.pid})`]]);
    assert.equal(daemon.managedBy, 'nobody');
    assert.match((await run(context, environment, 'logs', '--lines', '1')).stdout, /portald is ready/);

    const restarted = await run(context, environment, 'restart', '--json');
    const { pid } = JSON.parse(restarted.stdout).daemon;
    assert.notEqual(pid, daemon.pid);
    const stopped = await run(context, environment, 'stop');
    assert.equal(
      stopped.stdout,
      `ended portald (process ${pid}); portals stay open\nto undo it: portalctl daemon start\n`,
    );
    const nothing = await run(context, environment, 'stop');
    assert.deepEqual([nothing.exit, nothing.stdout], [0, 'portald does not run\n']);
  });

  test('why portald does not start is told in its own words', async (context) => {
    const environment = surroundings(context);
    const file = join(environment['HOME'] ?? '', 'config.yaml');
    writeFileSync(file, 'log_level: loud\n');
    const { exit, stderr } = await run(context, { ...environment, PORTALD_CONFIG: file }, 'start');
    assert.equal(exit, 1);
    assert.match(
      stderr,
      /^portalctl: portald did not start: the configuration .* has a mistake\nhint: .*:1:12: log_level: must/,
    );
    const refused = await run(context, { ...environment, PORTALD_STATE_DIR: '/proc/portald' }, 'start');
    assert.equal(refused.exit, 1);
    assert.match(refused.stderr, /the state folder cannot be written: /);
  });

  test('one that would not start again is not ended', async (context) => {
    const environment = surroundings(context);
    const { daemon } = JSON.parse((await run(context, environment, 'start', '--json')).stdout);
    const file = join(environment['HOME'] ?? '', 'config.yaml');
    writeFileSync(file, 'log_level: loud\n');
    const { exit, stderr } = await run(context, { ...environment, PORTALD_CONFIG: file }, 'restart');
    assert.equal(exit, 1);
    assert.match(
      stderr,
      /^portalctl: portald would not start again, and is not ended: the configuration .* has a mistake\nhint: .*:1:12: /,
    );
    const { pid } = JSON.parse((await run(context, environment, 'status', '--json')).stdout);
    assert.equal(pid, daemon.pid);
  });

  test('two who start it at once get the same one', async (context) => {
    const environment = surroundings(context);
    const both = await Promise.all([1, 2].map(() => run(context, environment, 'start', '--json')));
    const pids = both.map(({ exit, stdout, stderr }) => {
      assert.equal(exit, 0, stderr);
      return JSON.parse(stdout).daemon.pid as number;
    });
    assert.equal(pids[0], pids[1]);
  });

  test('one with records elsewhere is neither ended nor replaced from here', async (context) => {
    const environment = surroundings(context);
    const home = environment['HOME'] ?? '';
    const shared = { ...environment, PORTALD_SOCKET: join(home, 'run', 'portald.sock') };
    const other = { ...shared, PORTALD_STATE_DIR: join(home, 'other') };
    const { daemon } = JSON.parse((await run(context, other, 'start', '--json')).stdout);
    for (const verb of ['stop', 'restart']) {
      const { exit, stderr } = await run(context, shared, verb);
      assert.equal(exit, 1);
      assert.match(
        stderr,
        /keeps its records in .*\/other, not in .*: it was not started from here\nhint: .*PORTALD_STATE_DIR=/,
      );
    }
    const { stdout } = await run(context, shared, 'status');
    assert.match(stdout, new RegExp(`process ${daemon.pid},`));
    assert.match(stdout, /managed by +somebody else: it was started with another state folder/);
    assert.equal((await run(context, other, 'stop')).exit, 0);
  });

  test('one that was started with another socket is told of, and brought here', async (context) => {
    const environment = surroundings(context);
    const { daemon } = JSON.parse((await run(context, environment, 'start', '--json')).stdout);
    const other = {
      ...environment,
      PORTALD_SOCKET: join(environment['HOME'] ?? '', 'other', 'portald.sock'),
    };
    const sentence = new RegExp(
      `process ${daemon.pid} is the portald of this state folder, and listens elsewhere`,
    );
    const told = await run(context, other, 'status');
    assert.equal(told.exit, 3);
    assert.match(told.stderr, sentence);
    const asked = await startPortalctl(context, ['status'], other, '/').finished;
    assert.equal(asked.exit, 3);
    assert.match(asked.stderr, sentence);
    assert.match(asked.stderr, /\nhint: portalctl daemon restart brings it here\n$/);
    const refused = await run(context, other, 'start');
    assert.equal(refused.exit, 1);
    assert.match(refused.stderr, sentence);
    assert.equal((await run(context, other, 'restart')).exit, 0);
    assert.equal(JSON.parse((await run(context, other, 'status', '--json')).stdout).isRunning, true);
  });

  const always = process.platform === 'darwin' && 'macOS always has launchd';
  test('install says that there is no service manager, uninstall that there is nothing', {
    skip: always,
  }, async (context) => {
    const environment = surroundings(context);
    const { exit, stderr } = await run(context, environment, 'install');
    assert.equal(exit, 1);
    assert.match(
      stderr,
      /no systemd takes orders of this user here, [^]*\nhint: portalctl daemon start runs portald/,
    );
    assert.match(
      (await run(context, environment, 'uninstall')).stdout,
      /^portald is no service here: [^]*\nrecords and logs stay/,
    );
  });

  test('one that speaks another version of the protocol is ended all the same', async (context) => {
    const environment = surroundings(context);
    const program = `
      const { mkdirSync, writeFileSync } = require('node:fs');
      mkdirSync(process.env.PORTALD_STATE_DIR, { mode: 0o700 });
      writeFileSync(process.env.PORTALD_STATE_DIR + '/lock', process.pid + ' \\n');
      const error = { code: -32000, message: 'another version', data: { kind: 'invalid-message' } };
      require('node:net').createServer((client) => {
        client.on('data', () => client.write(JSON.stringify({ jsonrpc: '2.0', id: 1, error }) + '\\n'));
      }).listen(process.env.PORTALD_SOCKET, () => console.log('ready'));`;
    const old = spawn(process.execPath, ['-e', program], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    context.after(() => old.kill('SIGKILL'));
    let isReady = false;
    old.stdout.once('data', () => (isReady = true));
    await eventually('it listens', () => isReady);
    const status = await run(context, environment, 'status');
    assert.deepEqual([status.exit, status.stderr], [1, 'portalctl: another version\n']);
    const stopped = await run(context, environment, 'stop');
    assert.match(stopped.stdout, new RegExp(`^ended portald \\(process ${old.pid}\\)`));
    assert.match(stopped.stderr, /^warning: it did not answer: portals that are open go on being billed/);
  });

  test('what is not closed is named when nobody looks after it any more', async (context) => {
    const fixture = await clientFixture(context);
    fixture.environment['PORTALD_STATE_DIR'] = '/state';
    const sleeper = spawn('sleep', ['600']);
    context.after(() => sleeper.kill('SIGKILL'));
    for (const [name, state] of [
      ['gpu', 'open'],
      ['old', 'closed'],
      ['cpu', 'failed'],
    ] as const)
      fixture.daemon.show(portalView(name, state));
    const { status } = fixture.daemon.service;
    fixture.daemon.service.status = async () => ({ ...(await status()), pid: sleeper.pid ?? 0 });
    const { exit, stderr } = await fixture.run('daemon', 'stop');
    assert.equal(exit, 0);
    assert.match(stderr, /^warning: not closed, and so billed as before, .*: gpu, cpu; to end that: /);
    assert.equal(sleeper.signalCode, 'SIGTERM');
  });

  test('wrong use', async (context) => {
    const environment = surroundings(context);
    for (const [words, message] of [
      [
        ['strat'],
        /"strat" is nothing to do with portald; did you mean start\?\nhint: usage: portalctl daemon install\|/,
      ],
      [[], /what to do \(install\|uninstall\|.*\) is missing/],
      [['start', '--linger'], /--linger does not go with daemon start/],
      [['status', '--system', 'a;b'], /"a;b" is no user's name/],
      [['status', '--system', 'no-such-user-here'], /there is no user no-such-user-here/],
    ] as const) {
      const { exit, stderr } = await run(context, environment, ...words);
      assert.equal(exit, 2, stderr);
      assert.match(stderr, message);
    }
  });
});
