// What comes over the socket, well-formed or not, and what is answered.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { PortalError } from '../../protocol/errors.ts';
import { maximumLineBytes } from '../../protocol/framing.ts';
import { eventually } from '../fixture/eventually.ts';
import { rpcFixture } from './rpc-fixture.ts';
import { portalView } from './scripted-service.ts';

suite('messages', () => {
  test('a garbage line is answered and the connection stays usable', async (context) => {
    const client = await (await rpcFixture(context)).connect();
    client.send('so much garbage\n');
    const refusal = await client.find((message) => message.error !== undefined, 'a refusal');
    assert.deepEqual([refusal.id, refusal.error?.code], [null, -32700]);
    assert.deepEqual((await client.ask(1, 'portal.list')).result, { portals: [] });
  });

  test('half a line and the end change nothing', async (context) => {
    const fixture = await rpcFixture(context);
    const client = await fixture.connect();
    client.socket.end('{"jsonrpc":"2.0","id":1,"method":"portal.li');
    await eventually('the end of the connection', () => client.ended());
    assert.deepEqual(
      client.received.map(({ id, error }) => [id, error?.code]),
      [[null, -32700]],
    );
    assert.deepEqual(fixture.log.errors, []);
  });

  test('a last line without its end is a message, before a sending side that is closed', async (context) => {
    const client = await (await rpcFixture(context)).connect();
    client.socket.end(
      '{"jsonrpc":"2.0","id":1,"method":"daemon.status"}\n{"jsonrpc":"2.0","id":2,"method":"portal.list"}',
    );
    await eventually('the end of the connection', () => client.ended());
    assert.equal(client.received.find(({ id }) => id === 1)?.result?.['pid'], 4242);
    assert.deepEqual(client.received.find(({ id }) => id === 2)?.result, { portals: [] });
  });

  test('what is no UTF-8 is a parse error, whatever it would become', async (context) => {
    const fixture = await rpcFixture(context);
    const client = await fixture.connect();
    const line = Buffer.from('{"jsonrpc":"2.0","id":"\u00ff","method":"portal.list"}\n', 'latin1');
    client.socket.write(line);
    const refusal = await client.find((message) => message.error !== undefined, 'a refusal');
    assert.deepEqual([refusal.id, refusal.error?.code], [null, -32700]);
    assert.deepEqual((await client.ask(1, 'portal.list')).result, { portals: [] });
  });

  test('an id comes back with the same digits, or is refused', async (context) => {
    const client = await (await rpcFixture(context)).connect();
    const lines: string[] = [];
    client.socket.on('data', (bytes) => lines.push(...String(bytes).trimEnd().split('\n')));
    const request = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"portal.list"}`;
    const exact = ['7', '-1', '9007199254740991', '0.5', '"9007199254740993"', '"\\ud800"', 'null'];
    const changed = ['9007199254740993', '1e400', '-1e400', '0.1234567890123456789', '123456789012345678901'];
    for (const id of exact) {
      lines.length = 0;
      client.send(`${request(id)}\n`);
      await eventually('an answer', () => lines.length === 1);
      assert.ok(lines[0]?.includes(`"id":${id}`) && lines[0].includes('"result"'), lines[0]);
    }
    for (const id of changed) {
      lines.length = 0;
      client.send(`[${request(id)},${request('3')},${request('[{"id":1e400}]')}]\n`);
      await eventually('an answer', () => lines.length === 1);
      const answers = JSON.parse(lines[0] ?? '') as { id: unknown; error?: { code: number } }[];
      assert.deepEqual(
        answers.map((one) => [one.id, one.error?.code]),
        [
          [null, -32600],
          [3, undefined],
          [null, -32600],
        ],
        id,
      );
    }
  });

  test('a client that only closed its sending side gets its answers', async (context) => {
    const client = await (await rpcFixture(context)).connect();
    client.socket.end('{"jsonrpc":"2.0","id":1,"method":"daemon.status"}\n');
    await eventually('the end of the connection', () => client.ended());
    assert.equal(client.received[0]?.result?.['pid'], 4242);
  });

  test('an oversized line gets one error that names the cap, then the end', async (context) => {
    const fixture = await rpcFixture(context);
    const client = await fixture.connect();
    client.send('x'.repeat(3 * maximumLineBytes));
    await eventually('the end of the connection', () => client.ended());
    assert.equal(client.received.length, 1);
    assert.equal(client.received[0]?.id, null);
    assert.match(client.received[0]?.error?.message ?? '', /1048576 bytes/);
    const other = await fixture.connect();
    assert.deepEqual((await other.ask(1, 'portal.list')).result, { portals: [] });
  });

  test('a message of many pieces and characters cut in the middle is one message', async (context) => {
    const fixture = await rpcFixture(context);
    const client = await fixture.connect();
    let text = '';
    fixture.daemon.onOpen = async (request) => {
      text = request.text;
      return portalView(request.name, 'opening');
    };
    const params = { name: 'gpu', path: '/gpu.yaml', text: 'größer: 🚀' };
    const bytes = Buffer.from(
      `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'portal.open', params })}\n`,
    );
    for (const byte of bytes) {
      client.socket.write(Buffer.of(byte));
      await turn();
    }
    await client.find(({ id }) => id === 1, 'the answer');
    assert.equal(text, 'größer: 🚀');
  });

  test('a batch is answered in one array', async (context) => {
    const client = await (await rpcFixture(context)).connect();
    client.send(
      '[{"jsonrpc":"2.0","id":1,"method":"portal.list"},{"jsonrpc":"2.0","method":"portal.list"},{"jsonrpc":"2.0","id":2,"method":"nonsense"}]\n',
    );
    const answer = await eventually('an answer', () => client.received[0]);
    assert.deepEqual(answer, [
      { jsonrpc: '2.0', id: 1, result: { portals: [] } },
      { jsonrpc: '2.0', id: 2, error: { code: -32601, message: 'Method not found' } },
    ]);
  });

  const refused: readonly (readonly [title: string, method: string, params: unknown, message: RegExp])[] = [
    ['positional params', 'portal.status', ['gpu'], /portal\.status takes its params by name/],
    ['missing params', 'portal.status', undefined, /"name" is missing/],
    ['an unknown param', 'portal.status', { nmae: 'gpu' }, /"nmae" unknown field; did you mean "name"\?/],
    [
      'every mistake at once',
      'portal.open',
      { name: 3, text: 4 },
      /"path" is missing.*"name" must be.*"text" must be/,
    ],
    [
      'a name that is a path',
      'portal.close',
      { name: '../gpu' },
      /"name" must be 1 to 63 letters .* \(name of a portal\)/,
    ],
    ['no versions', 'daemon.hello', { versions: [] }, /versions/],
  ];
  for (const [title, method, params, expected] of refused) {
    test(`refused params: ${title}`, async (context) => {
      const client = await (await rpcFixture(context)).connect();
      const { error } = await client.ask(1, method, params);
      assert.equal(error?.code, -32602);
      assert.equal(error.data?.kind, 'usage');
      assert.match(error.message, expected);
    });
  }

  test('hello agrees on a version, or says who is to be upgraded', async (context) => {
    const fixture = await rpcFixture(context);
    const client = await fixture.connect();
    fixture.daemon.service.now = () => Date.parse('2026-11-01T10:00:00Z');
    const { result } = await client.ask(1, 'daemon.hello', { versions: [1, 7] });
    assert.deepEqual(result, {
      version: 1,
      daemon: 'portald 0.0.1',
      now: '2026-11-01T10:00:00.000Z',
      aws: fixture.daemon.aws,
    });
    const newer = await client.ask(2, 'daemon.hello', { versions: [7, 8] });
    assert.match(newer.error?.message ?? '', /speaks version 1 of the protocol, the client 7, 8/);
    assert.match(String(newer.error?.data?.['hint']), /^portalctl daemon restart, .*upgrade portald$/);
    const older = await client.ask(3, 'daemon.hello', { versions: [0] });
    assert.equal(older.error?.data?.['hint'], 'upgrade the client');
  });

  test('an expected error keeps its kind, hint and problems', async (context) => {
    const fixture = await rpcFixture(context);
    const problems = [{ line: 3, column: 5, path: 'channels', message: 'is missing' }];
    fixture.daemon.onOpen = () =>
      Promise.reject(
        new PortalError('specification-invalid', 'it has a mistake', { hint: 'mend it', problems }),
      );
    const client = await fixture.connect();
    const { error } = await client.ask(1, 'portal.open', { name: 'gpu', path: '/gpu.yaml', text: '' });
    assert.deepEqual(error, {
      code: -32000,
      message: 'it has a mistake',
      data: { kind: 'specification-invalid', retryable: false, hint: 'mend it', problems },
    });
  });

  test('an unexpected error gives an id that is in the log, and neither its message nor a stack', async (context) => {
    const fixture = await rpcFixture(context);
    fixture.daemon.onOpen = () => Promise.reject(new Error('the secret inside'));
    const client = await fixture.connect();
    const answer = await client.ask(1, 'portal.open', { name: 'gpu', path: '/gpu.yaml', text: '' });
    assert.deepEqual(answer.error, {
      code: -32603,
      message: 'internal error',
      data: { kind: 'internal', id: 'error-1', retryable: false },
    });
    assert.match(JSON.stringify(fixture.log.errors), /"id":"error-1".*the secret inside.*messages\.test\.ts/);
  });

  test('progress goes to its request; answers do not wait for each other', async (context) => {
    const fixture = await rpcFixture(context);
    const finished = Promise.withResolvers<void>();
    fixture.daemon.onOpen = async ({ name }, { progress }) => {
      progress('looking at the volumes');
      await finished.promise;
      return portalView(name, 'opening');
    };
    const client = await fixture.connect();
    const answer = client.ask(7, 'portal.open', { name: 'gpu', path: '/gpu.yaml', text: '' });
    const progress = await client.find(({ method }) => method === '$/progress', 'progress');
    assert.deepEqual(progress.params, { id: 7, message: 'looking at the volumes' });
    assert.deepEqual((await client.ask(8, 'portal.list')).result, { portals: [] });
    finished.resolve();
    assert.notEqual((await answer).result, undefined);
  });

  test('a cancelled request ends as cancelled; other requests and ids do not', async (context) => {
    const fixture = await rpcFixture(context);
    const signals: AbortSignal[] = [];
    fixture.daemon.onOpen = (_request, { signal }) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    };
    const client = await fixture.connect();
    const params = { name: 'gpu', path: '/gpu.yaml', text: '' };
    const first = client.ask(1, 'portal.open', params);
    client.send(`${JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'portal.open', params })}\n`);
    await eventually('both requests', () => signals.length === 2);
    for (const id of ['1', 99, undefined, null]) {
      client.send(`${JSON.stringify({ jsonrpc: '2.0', method: '$/cancel', params: { id } })}\n`);
    }
    client.send('{"jsonrpc":"2.0","method":"$/cancel","params":{"id":1}}\n');
    assert.equal((await first).error?.data?.['kind'], 'cancelled');
    assert.deepEqual(
      signals.map((signal) => signal.aborted),
      [true, false],
    );
    client.socket.destroy();
    await eventually('the end of the connection to abort the other', () => signals[1]?.aborted);
    assert.deepEqual(fixture.log.errors, []);
  });
});
