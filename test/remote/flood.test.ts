// A server that asks without end and reads no answer: what waits for it stays bounded, and the connection is ended with a
// reason.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Connection } from 'ssh2';
import { openConnection } from '../../daemon/remote/connection.ts';
import { generateHostKey } from '../../daemon/remote/host-key.ts';
import { readIdentity } from '../../daemon/remote/identity.ts';
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

test('requests and opens of channels by a server that reads no answer', async () => {
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
    const { closed, end } = await openConnection(target, target.hostKeys, identity, signal);
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
