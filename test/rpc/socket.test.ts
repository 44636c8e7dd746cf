// The socket itself: whose it is, who may use it, and what happens to what stood there before.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { takePassedSocket } from '../../daemon/rpc/activation.ts';
import type { PortalError } from '../../protocol/errors.ts';
import { rawClient } from './raw-client.ts';
import { rpcFixture, temporaryFolder } from './rpc-fixture.ts';

const kind =
  (expected: string, message: RegExp) =>
  (error: PortalError): boolean => {
    assert.equal(error.kind, expected);
    assert.match(error.message, message);
    return true;
  };

suite('socket', () => {
  test('folder 0700, socket 0600, nothing else left there', async (context) => {
    const folder = join(temporaryFolder(context), 'new', 'portald');
    const path = join(folder, 'portald.sock');
    const umask = process.umask(0);
    context.after(() => process.umask(umask));
    const { server } = await rpcFixture(context, { path });
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(lstatSync(path).mode & 0o777, 0o600);
    assert.equal(process.umask(), 0);
    assert.deepEqual(readdirSync(folder), ['portald.sock']);
    await server.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  test('a folder that others can write to is refused, with owner and mode', async (context) => {
    const folder = temporaryFolder(context);
    chmodSync(folder, 0o777);
    await assert.rejects(
      rpcFixture(context, { path: join(folder, 'portald.sock') }),
      kind('state-folder', new RegExp(`${folder} belongs to user ${process.getuid?.()} and has mode 0777`)),
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  test('the socket of a dead daemon is replaced', async (context) => {
    const path = join(temporaryFolder(context), 'portald.sock');
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    assert.ok(lstatSync(path).isSocket());
    await rpcFixture(context, { path });
    const client = await rawClient(path);
    context.after(() => client.socket.destroy());
    assert.deepEqual((await client.ask(1, 'portal.list')).result, { portals: [] });
  });

  test('a second daemon is refused and the first goes on', async (context) => {
    const { path, connect } = await rpcFixture(context);
    await assert.rejects(rpcFixture(context, { path }), kind('daemon-running', /another portald listens on/));
    const client = await connect();
    assert.deepEqual((await client.ask(1, 'portal.list')).result, { portals: [] });
  });

  test('a file that is no socket is left alone', async (context) => {
    const path = join(temporaryFolder(context), 'portald.sock');
    writeFileSync(path, 'mine');
    await assert.rejects(rpcFixture(context, { path }), kind('socket-path', /is not a socket/));
    assert.ok(lstatSync(path).isFile());
  });

  test('a path that is too long is refused before anything is made', async (context) => {
    const folder = join(temporaryFolder(context), 'x'.repeat(90));
    await assert.rejects(
      rpcFixture(context, { path: join(folder, 'portald.sock') }),
      kind('socket-path', /bytes; the system allows/),
    );
    assert.equal(existsSync(folder), false);
  });

  test('a socket that somebody put in the place of ours is not removed', async (context) => {
    const { path, server } = await rpcFixture(context);
    renameSync(path, `${path}.old`);
    const other = createServer().listen(path);
    context.after(() => other.close());
    await once(other, 'listening');
    await server.close();
    assert.ok(lstatSync(path).isSocket());
  });

  test('close is idempotent, and a folder of an earlier daemon is used again', async (context) => {
    const folder = join(temporaryFolder(context), 'portald');
    mkdirSync(folder, { mode: 0o700 });
    const { server } = await rpcFixture(context, { path: join(folder, 'portald.sock') });
    await Promise.all([server.close(), server.close()]);
    await rpcFixture(context, { path: join(folder, 'portald.sock') });
  });
});

suite('socket activation', () => {
  test('only a socket passed to this very process counts; the variables never reach a child', () => {
    const environment: NodeJS.ProcessEnv = {
      LISTEN_PID: '10',
      LISTEN_FDS: '1',
      LISTEN_FDNAMES: 'x',
      HOME: '/',
    };
    assert.equal(takePassedSocket({ ...environment }, 11), undefined);
    assert.equal(takePassedSocket({}, 10), undefined);
    assert.equal(takePassedSocket(environment, 10), 3);
    assert.deepEqual(environment, { HOME: '/' });
  });

  const activate = 'systemd-socket-activate';
  const present = spawnSync(activate, ['--version']).status === 0;
  test('a passed socket is used and stays', { skip: !present && `no ${activate} here` }, async (context) => {
    const folder = temporaryFolder(context);
    const path = join(folder, 'passed.sock');
    const program = join(import.meta.dirname, 'activated-server.ts');
    const child = spawn(activate, ['-l', path, process.execPath, program], {
      stdio: ['pipe', 'inherit', 'ignore'],
    });
    const exited = once(child, 'exit');
    context.after(() => child.kill('SIGKILL'));
    const client = await connectWhenThere(path);
    context.after(() => client.socket.destroy());
    assert.deepEqual((await client.ask(1, 'portal.list')).result, { portals: [] });
    // The program ends with its standard input, by closing its server.
    child.stdin.end();
    assert.deepEqual(await exited, [0, null]);
    assert.ok(lstatSync(path).isSocket());
    assert.deepEqual(readdirSync(folder), ['passed.sock']);
  });
});

async function connectWhenThere(path: string): ReturnType<typeof rawClient> {
  const until = Date.now() + 20_000;
  for (;;) {
    try {
      return await rawClient(path);
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
