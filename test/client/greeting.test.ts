// What answers on the socket and is no portald, or not one of this version: a sentence, never an error of ours.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { withDaemon } from '../../client/daemon.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';

const answers: readonly (readonly [what: string, answer: object, says: RegExp])[] = [
  ['nothing', { result: null }, /is no portald that this portalctl knows$/],
  ['half a greeting', { result: { version: '9.9.9' } }, /is no portald that this portalctl knows$/],
  ['a list', { result: [] }, /is no portald that this portalctl knows$/],
  [
    'that it knows no greeting',
    { error: { code: -32601, message: 'Method not found' } },
    /of another version$/,
  ],
  ['an error without words', { error: null }, /./],
];

for (const [what, answer, says] of answers) {
  test(`it answers with ${what}`, async (context) => {
    const path = join(temporaryFolder(context), 'portald.sock');
    const server = createServer((socket) =>
      socket.once('data', () => socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer })}\n`)),
    ).listen(path);
    context.after(() => server.close());
    await once(server, 'listening');
    await assert.rejects(
      withDaemon({ environment: { PORTALD_SOCKET: path } }, async () => {}),
      (error: Error) => error.name === 'PortalError' && says.test(error.message),
    );
  });
}
