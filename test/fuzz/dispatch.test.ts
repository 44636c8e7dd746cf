// Random messages to the methods over the real parameter checks: every one is answered as JSON-RPC says, none of them is
// an unexpected error, and no object of the program's own is touched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDispatcher } from '../../daemon/rpc/dispatcher.ts';
import { createMethods } from '../../daemon/rpc/handlers.ts';
import { createParameterCheck } from '../../daemon/rpc/parameters.ts';
import { methodNames } from '../../protocol/methods.ts';
import type { Chance } from '../crash/chance.ts';
import { keepingLog, portalView, scriptedDaemon } from '../rpc/scripted-service.ts';
import { fuzz, randomBytes } from './fuzz.ts';
import { deepJson, prototypeNames, randomJson } from './json.ts';

const names = ['name', 'path', 'text', 'ids', 'versions', 'index', 'id', 'zone', 'sizeGiB', 'tags', 'words'];

function randomMessage(chance: Chance): string {
  const id = chance.pick(['1', '"x"', 'null', '{}', '1.5', '[]']);
  const method = JSON.stringify(chance.pick([...methodNames, ...prototypeNames, '$/cancel', '', 'rpc.x']));
  const params = chance.below(20) === 0 ? deepJson(chance) : randomJson(chance, names);
  const members = [
    chance.below(8) === 0 ? '"jsonrpc":2' : '"jsonrpc":"2.0"',
    `"method":${chance.below(8) === 0 ? params : method}`,
    ...(chance.below(4) === 0 ? [] : [`"id":${id}`]),
    ...(chance.below(4) === 0 ? [] : [`"params":${params}`]),
    ...(chance.below(8) === 0 ? [`"__proto__":${params}`] : []),
    ...(chance.below(8) === 0 ? ['"result":1'] : []),
  ];
  return `{${chance.shuffled(members).join(',')}}`;
}

function randomText(chance: Chance): string {
  switch (chance.below(5)) {
    case 0:
      return `[${Array.from({ length: chance.below(6) }, () => randomMessage(chance)).join(',')}]`;
    case 1:
      return chance.pick([deepJson(chance), randomJson(chance, names)]);
    case 2: {
      const text = randomMessage(chance);
      const cut = chance.below(text.length);
      const put = randomBytes(chance, 6, ['"', '}', '\\', '\0']).toString('latin1');
      return `${text.slice(0, cut)}${put}${text.slice(cut + chance.below(3))}`;
    }
    default:
      return randomMessage(chance);
  }
}

test('every message is answered as it should be', async (context) => {
  const daemon = scriptedDaemon();
  daemon.show(portalView('gpu', 'open'));
  const log = keepingLog();
  const check = createParameterCheck();
  const { service, volumes } = daemon;
  const methods = createMethods({
    service,
    volumes: volumes.service,
    check,
    subscribe: () => 0,
    version: '1',
    log,
  });
  const dispatcher = createDispatcher({ methods, notify: () => undefined, log, newId: () => 'x' });
  const own = Object.getOwnPropertyNames(Object.prototype);
  await fuzz(context, async (chance) => {
    const text = randomText(chance);
    const answer = await dispatcher.receive(text);
    const all = answer === undefined ? [] : [answer].flat();
    for (const one of all) {
      assert.equal(one.jsonrpc, '2.0', text);
      assert.equal(Number('result' in one) + Number('error' in one), 1, text);
      assert.notEqual(one.error?.code, -32603, text);
      JSON.stringify(one);
    }
    assert.deepEqual(log.errors, [], text);
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), own, text);
  });
});
