// A server that asks without end and reads no answer: what waits for it stays bounded, and the connection is ended with a
// reason.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Connection } from 'ssh2';
import { defaultLimits, openConnection } from '../../daemon/remote/connection.ts';
import { generateHostKey } from '../../daemon/remote/host-key.ts';
import { readIdentity } from '../../daemon/remote/identity.ts';
import type { Client } from '../../daemon/remote/ssh2.ts';
import { watchWaitingBytes } from '../../daemon/remote/waiting-bytes.ts';
import { allWanted } from '../crash/chance.ts';
import { eventually } from '../fixture/eventually.ts';
import { startHostileServer, targetOf } from './hostile-server.ts';

/** What ssh2's server has inside, for which it has no name of its own. */
interface Inside {
  readonly _sock: Socket;
  readonly _protocol: { ping(): void };
}

/** A global request that wants an answer, and the opening of a channel. */
function ask(client: Connection): void {
  const { _protocol: protocol } = client as unknown as Inside;
  protocol.ping();
  client.forwardOut('127.0.0.1', 1, '127.0.0.1', 2, () => {});
}

const isLong = allWanted(process.env);

// What encrypts and decrypts a hundred thousand packets takes ten seconds of a processor.
test('requests and opens of channels by a server that reads no answer', {
  skip: !isLong && 'only in the long run',
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portald-test-'));
  const identityFile = join(folder, 'identity');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', identityFile]);
  const hostKey = generateHostKey();
  let isOver = false;
  try {
    await using server = await startHostileServer({
      hostKeys: [hostKey.privateKey],
      ready(client) {
        const { _sock: socket } = client as unknown as Inside;
        socket.removeAllListeners('data');
        socket.pause();
        const flood = (): void => {
          // The client reads all of it.
          for (let one = 0; one < 500 && !isOver && socket.writableLength < 1_000_000; one++) ask(client);
          if (!isOver) setImmediate(flood);
        };
        flood();
      },
    });
    const target = targetOf(server.port, identityFile, [hostKey.publicKey]);
    const identity = await readIdentity(identityFile, {});
    const { signal } = new AbortController();
    const limits = { ...defaultLimits, keepAliveIntervalMs: 600_000 };
    const { closed, end } = await openConnection(target, target.hostKeys, identity, signal, limits);
    try {
      assert.match(await closed, /asks more and more, and reads no answer/);
    } finally {
      isOver = true;
      end();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what waits for a peer that reads nothing has a limit, and so have answers during an exchange of keys', async () => {
  const peers: Socket[] = [];
  const server = createServer((peer) => peers.push(peer.pause())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connected = async (client: object): Promise<{ socket: Socket; exceeded: () => number }> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    let times = 0;
    watchWaitingBytes(client as Client, socket, () => times++);
    return { socket, exceeded: () => times };
  };
  const says = async (socket: Socket): Promise<void> => {
    const heard = once(socket, 'data');
    for (const peer of peers) peer.write('x');
    await heard;
  };
  try {
    const quiet = await connected({ _protocol: { _queue: Array.from({ length: 10_000 }) } });
    await eventually('they are accepted', () => peers.length === 1);
    await says(quiet.socket);
    assert.equal(quiet.exceeded(), 0);
    const unread = await connected({});
    const queueing = await connected({ _protocol: { _queue: Array.from({ length: 10_001 }) } });
    await eventually('they are accepted', () => peers.length === 3);
    // The system itself takes some mebibytes.
    while (unread.socket.writableLength <= 1024 * 1024) unread.socket.write(Buffer.alloc(256 * 1024));
    await Promise.all([says(unread.socket), once(queueing.socket, 'data')]);
    assert.deepEqual([unread.exceeded() > 0, queueing.exceeded() > 0], [true, true]);
    for (const { socket } of [quiet, unread, queueing]) socket.destroy();
  } finally {
    for (const peer of peers) peer.destroy();
    server.close();
  }
});
