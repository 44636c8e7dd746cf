// Every example of section 7 of the JSON-RPC 2.0 specification, word for word, against a table with its methods.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDispatcher, type Method } from '../../daemon/rpc/dispatcher.ts';
import { isJsonObject } from '../../protocol/json-object.ts';
import { silentLog } from './scripted-service.ts';

const nothing: Method = () => null;

const methods: Record<string, Method> = {
  subtract(params) {
    const [minuend, subtrahend] = Array.isArray(params)
      ? params
      : isJsonObject(params)
        ? [params['minuend'], params['subtrahend']]
        : [];
    return Number(minuend) - Number(subtrahend);
  },
  sum: (params) => (Array.isArray(params) ? params.reduce((total, value) => total + value, 0) : 0),
  get_data: () => ['hello', 5],
  update: nothing,
  notify_hello: nothing,
  notify_sum: nothing,
};

/** Title, what is sent, what comes back (nothing: no answer). */
const examples: readonly (readonly [title: string, sent: string, answer?: string])[] = [
  [
    'positional parameters',
    '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
    '{"jsonrpc": "2.0", "result": 19, "id": 1}',
  ],
  [
    'positional parameters, the other way round',
    '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
    '{"jsonrpc": "2.0", "result": -19, "id": 2}',
  ],
  [
    'named parameters',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    '{"jsonrpc": "2.0", "result": 19, "id": 3}',
  ],
  [
    'named parameters, the other way round',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
    '{"jsonrpc": "2.0", "result": 19, "id": 4}',
  ],
  ['a notification', '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}'],
  ['a notification of a method that does not exist', '{"jsonrpc": "2.0", "method": "foobar"}'],
  [
    'a method that does not exist',
    '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
    '{"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"}',
  ],
  [
    'invalid JSON',
    '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
    '{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}',
  ],
  [
    'an invalid request',
    '{"jsonrpc": "2.0", "method": 1, "params": "bar"}',
    '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}',
  ],
  [
    'a batch of invalid JSON',
    `[
      {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
      {"jsonrpc": "2.0", "method"
    ]`,
    '{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}',
  ],
  [
    'an empty batch',
    '[]',
    '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}',
  ],
  [
    'an invalid batch that is not empty',
    '[1]',
    '[{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}]',
  ],
  [
    'a batch of invalid members',
    '[1,2,3]',
    `[
      {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
      {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
      {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}
    ]`,
  ],
  [
    'a batch of everything',
    `[
      {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
      {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
      {"foo": "boo"},
      {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
      {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
    ]`,
    `[
      {"jsonrpc": "2.0", "result": 7, "id": "1"},
      {"jsonrpc": "2.0", "result": 19, "id": "2"},
      {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
      {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
      {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}
    ]`,
  ],
  [
    'a batch of notifications',
    `[
      {"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}
    ]`,
  ],
];

/** Cases beyond the examples, where the text of the specification is plain. */
const further: typeof examples = [
  [
    'a batch of one',
    '[{"jsonrpc": "2.0", "method": "get_data", "id": 1}]',
    '[{"jsonrpc": "2.0", "result": ["hello", 5], "id": 1}]',
  ],
  ['null', 'null', '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}'],
  [
    'a batch member that is null',
    '[null]',
    '[{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}]',
  ],
  [
    'an id of null is a request',
    '{"jsonrpc": "2.0", "method": "update", "id": null}',
    '{"jsonrpc": "2.0", "result": null, "id": null}',
  ],
  [
    'an id that is an object',
    '{"jsonrpc": "2.0", "method": "update", "id": {}}',
    '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}',
  ],
  [
    'another version',
    '{"jsonrpc": "1.0", "method": "update", "id": 8}',
    '{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": 8}',
  ],
  [
    'a name of every object',
    '{"jsonrpc": "2.0", "method": "constructor", "id": 8}',
    '{"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": 8}',
  ],
];

for (const [title, sent, expected] of [...examples, ...further]) {
  test(`JSON-RPC 2.0: ${title}`, async () => {
    const dispatcher = createDispatcher({
      methods,
      notify: () => assert.fail('nothing is to be notified'),
      log: silentLog,
      newId: () => assert.fail('no internal error is to happen'),
    });
    const answer = await dispatcher.receive(sent);
    assert.deepEqual(
      answer === undefined ? undefined : JSON.parse(JSON.stringify(answer)),
      expected === undefined ? undefined : JSON.parse(expected),
    );
  });
}

test('a batch over the cap is refused whole', async () => {
  let calls = 0;
  const dispatcher = createDispatcher({
    methods: { count: () => calls++ },
    notify: () => undefined,
    log: silentLog,
    newId: () => 'x',
  });
  const member = { jsonrpc: '2.0', method: 'count', id: 1 };
  const answer = JSON.stringify(
    await dispatcher.receive(JSON.stringify(Array.from({ length: 1001 }, () => member))),
  );
  assert.match(answer, /-32600.*1001 members, at most 1000/);
  assert.equal(calls, 0);
  const taken = await dispatcher.receive(JSON.stringify(Array.from({ length: 1000 }, () => member)));
  assert.equal(Array.isArray(taken) && taken.length, 1000);
});
