// Servers that are wrong, refuse, or are silent: nothing is ever shown to a wrong one, and nothing hangs or leaks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openConnection } from '../../daemon/remote/connection.ts';
import { generateHostKey } from '../../daemon/remote/host-key.ts';
import { readIdentity } from '../../daemon/remote/identity.ts';
import { fingerprint, keyBytes } from '../../daemon/remote/public-key.ts';
import { eventually } from '../fixture/eventually.ts';
import { startBlackHole, startHostileServer, targetOf } from './hostile-server.ts';
import { freePort } from './instance.ts';
import { connectTo } from './link-fixture.ts';

async function withIdentity(work: (folder: string, identityFile: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portald-test-'));
  const identityFile = join(folder, 'identity');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', identityFile]);
  try {
    await work(folder, identityFile);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a wrong host key gets no login, is named with both fingerprints, and is tried again', () =>
  withIdentity(async (folder, identityFile) => {
    const [wrong, pinned] = [generateHostKey(), generateHostKey()];
    await using server = await startHostileServer({ hostKeys: [wrong.privateKey] });
    await using link = connectTo(folder, targetOf(server.port, identityFile, [pinned.publicKey]));
    const difficulty = await eventually('it is told', () => link.status().difficulty);
    assert.equal(difficulty.kind, 'host-key');
    for (const part of [
      'i-0123456789abcdef0',
      `127.0.0.1 port ${server.port}`,
      fingerprint(keyBytes(wrong.publicKey)),
      fingerprint(keyBytes(pinned.publicKey)),
    ]) {
      assert.ok(difficulty.message.includes(part), part);
    }
    await eventually('it is tried again', () => server.connections() > 2);
    assert.equal(link.status().difficulty?.since, difficulty.since);
    assert.deepEqual(server.attempts, []);
  }));

test('of several host keys the server shows the pinned one', () =>
  withIdentity(async (folder, identityFile) => {
    const pinned = generateHostKey();
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-m', 'PEM', '-f', join(folder, 'ecdsa')]);
    const other = execFileSync('cat', [join(folder, 'ecdsa')], { encoding: 'utf8' });
    await using server = await startHostileServer({ hostKeys: [other, pinned.privateKey] });
    const identity = await readIdentity(identityFile, {});
    const target = targetOf(server.port, identityFile, [pinned.publicKey]);
    const connection = await openConnection(target, target.hostKeys, identity, new AbortController().signal);
    assert.equal(connection.hostKey, pinned.publicKey);
    connection.end();
    await connection.closed;
  }));

test('without a pin nothing is connected; at first use the key met is told', () =>
  withIdentity(async (folder, identityFile) => {
    const met = generateHostKey();
    await using server = await startHostileServer({ hostKeys: [met.privateKey], exec: answerMarker });
    const target = targetOf(server.port, identityFile, []);
    {
      await using link = connectTo(folder, target);
      const difficulty = await eventually('it is told', () => link.status().difficulty);
      assert.equal(difficulty.kind, 'host-key');
      assert.equal(server.connections(), 0);
    }
    await using link = connectTo(folder, { ...target, acceptFirstHostKey: true });
    await eventually('it connects', () => link.status().state === 'connected');
    assert.equal(link.status().hostKey, met.publicKey);
  }));

test('a refused login is told with the banner, harmlessly, and tried again', () =>
  withIdentity(async (folder, identityFile) => {
    const pinned = generateHostKey();
    const banner = 'Go \u001b[31maway';
    await using server = await startHostileServer({
      hostKeys: [pinned.privateKey],
      refusesLogin: true,
      banner,
    });
    await using link = connectTo(folder, targetOf(server.port, identityFile, [pinned.publicKey]));
    const difficulty = await eventually('it is told', () => link.status().difficulty);
    assert.equal(difficulty.kind, 'ssh');
    assert.match(difficulty.message, /refuses the login of ubuntu; it says: Go \\x1b\[31maway/);
    await eventually('it is tried again', () => server.connections() > 2);
  }));

test('a refused connection is told, and closing does not wait', () =>
  withIdentity(async (folder, identityFile) => {
    const target = targetOf(await freePort(), identityFile, [generateHostKey().publicKey]);
    await using link = connectTo(folder, target);
    const difficulty = await eventually('it is told', () => link.status().difficulty);
    assert.match(difficulty.message, /refuses SSH connections/);
  }));

test('an unusable identity file is told', () =>
  withIdentity(async (folder) => {
    const target = targetOf(await freePort(), join(folder, 'missing'), [generateHostKey().publicKey]);
    await using link = connectTo(folder, target);
    const difficulty = await eventually('it is told', () => link.status().difficulty);
    assert.equal(difficulty.kind, 'identity-file');
  }));

test('silence ends an attempt after its time limit', () =>
  withIdentity(async (_folder, identityFile) => {
    await using server = await startBlackHole();
    const identity = await readIdentity(identityFile, {});
    const target = targetOf(server.port, identityFile, [generateHostKey().publicKey]);
    const limits = { timeoutMs: 200, keepAliveIntervalMs: 100, keepAliveMisses: 2 };
    const signal = new AbortController().signal;
    const attempt = openConnection(target, target.hostKeys, identity, signal, limits);
    await assert.rejects(attempt, { kind: 'ssh', message: /does not answer within 0.2 s/ });
  }));

test('closing during a silent attempt does not wait for its time limit', () =>
  withIdentity(async (folder, identityFile) => {
    await using server = await startBlackHole();
    const link = connectTo(folder, targetOf(server.port, identityFile, [generateHostKey().publicKey]));
    await eventually('it tries', () => server.connections() > 0);
    await link.close();
    assert.equal(server.connections(), 1);
  }));

/** Runs nothing, but answers as a shell that ran it. */
function answerMarker(
  _command: string,
  channel: NodeJS.ReadWriteStream & { exit(code: number): void },
): void {
  channel.write('portald:begin\n');
  channel.exit(0);
  channel.end();
}
