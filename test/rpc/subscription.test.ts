// The events of one connection: complete, in order, and never piled up for a client that does not read.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { eventually } from '../fixture/eventually.ts';
import { rpcFixture } from './rpc-fixture.ts';
import { portalView } from './scripted-service.ts';

suite('subscription', () => {
  test('a snapshot, then every event with rising sequences', async (context) => {
    const { daemon, connect } = await rpcFixture(context);
    daemon.show(portalView('gpu', 'opening'));
    const client = await connect();
    const { result } = await client.ask(1, 'events.subscribe');
    daemon.say('gpu', 'something happened');
    daemon.show(portalView('gpu', 'open'));
    await eventually('all messages', () => client.received.length >= 4);
    const events = client.received.filter(({ method }) => method === 'event').map(({ params }) => params);
    assert.deepEqual(
      events.map((event) => [event?.['type'], event?.['sequence']]),
      [
        ['snapshot', 1],
        ['message', 2],
        ['portal', 3],
      ],
    );
    assert.deepEqual(events[0]?.['portals'], [portalView('gpu', 'opening')]);
    assert.deepEqual(result, { sequence: 1 });
  });

  test('a second subscription of a connection is refused', async (context) => {
    const { daemon, connect } = await rpcFixture(context);
    const client = await connect();
    await client.ask(1, 'events.subscribe');
    const { error } = await client.ask(2, 'events.subscribe');
    assert.match(error?.message ?? '', /already subscribed/);
    assert.equal(daemon.listeners(), 1);
  });

  test('subscriptions end with their connections', async (context) => {
    const { daemon, connect, server } = await rpcFixture(context);
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect()));
    await Promise.all(clients.map((client) => client.ask(1, 'events.subscribe')));
    assert.equal(daemon.listeners(), 20);
    for (const client of clients.slice(0, 10)) client.socket.destroy();
    await eventually('the listeners of closed connections to go', () => daemon.listeners() === 10);
    await server.close();
    assert.equal(daemon.listeners(), 0);
    await eventually('every connection to end', () => clients.every((client) => client.ended()));
  });

  test('a subscriber that does not read is cut, and one that reads is not', async (context) => {
    const { daemon, connect } = await rpcFixture(context);
    const slow = await connect();
    const quick = await connect();
    await slow.ask(1, 'events.subscribe');
    await quick.ask(1, 'events.subscribe');
    slow.socket.pause();
    const text = 'x'.repeat(100_000);
    let said = 0;
    await eventually('the slow subscriber to be cut', () => {
      daemon.say('gpu', text);
      said++;
      return daemon.listeners() === 1;
    });
    // 1 MiB of ours, and what the system itself holds for a socket.
    assert.ok(said < 50, `${said} events of 100 kB were kept`);
    slow.socket.resume();
    await eventually('the end of the slow connection', () => slow.ended());
    const last = slow.received.at(-1);
    assert.deepEqual([last?.id, last?.error?.data?.['kind']], [null, 'slow-subscriber']);
    await eventually(
      'every event at the quick one',
      () => quick.received.filter(({ method }) => method === 'event').length === said + 1,
    );
  });

  test('a client that asks without reading is not read any more, then served when it reads', async (context) => {
    const { daemon, connect } = await rpcFixture(context);
    for (let index = 0; index < 50; index++) {
      daemon.show(portalView(`portal-${index}`, 'open', { specificationPath: 'x'.repeat(2000) }));
    }
    const client = await connect();
    client.socket.pause();
    // 400,000 requests that ask for 40 GB of answers; the daemon must stop taking them.
    for (let asked = 0; asked < 400_000 && client.socket.writableLength < 1024 * 1024; asked += 1000) {
      const line = (_: unknown, index: number): string =>
        `{"jsonrpc":"2.0","id":${asked + index + 1},"method":"portal.list"}\n`;
      client.send(Array.from({ length: 1000 }, line).join(''));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(client.socket.writableLength >= 1024 * 1024, 'the daemon went on reading');
    client.socket.resume();
    await eventually('answers to go on', () => client.received.length > 200);
    client.received.forEach((message, index) => assert.equal(message.id, index + 1));
  });
});
