// Names and texts for people: advice on a mistyped name, and control characters written out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '../../protocol/nearest-name.ts';
import { visibleJson, visibleText } from '../../protocol/visible-text.ts';

test('nearest name', () => {
  const known = ['direction', 'delay', 'delete', 'local_path', 'remote_path'];
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['dealy', 'delay'],
    ['DELETE', 'delete'],
    ['localpath', 'local_path'],
    ['remote_paths', 'remote_path'],
    ['delay', 'delay'],
    ['colour', undefined],
    ['x', undefined],
    ['', undefined],
  ];
  for (const [name, expected] of cases) assert.equal(nearestName(name, known), expected, name);
  assert.equal(nearestName('anything', []), undefined);
});

test('control characters are made visible, other text is left alone', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['größer 🚀 日本 $1', 'größer 🚀 日本 $1'],
    ['\u001b[2J\u0007', '\\x1b[2J\\x07'],
    ['a\tb\r\nc', 'a\\tb\\r\\nc'],
    ['\u007f\u009b31m', '\\x7f\\x9b31m'],
    ['\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
    ['\u200b\ufeff\u2028', '\\u200b\\ufeff\\u2028'],
    ['\u061c\u{e0041}', '\\u061c\\u{e0041}'],
    ['\ud800', '\\ud800'],
  ];
  for (const [text, expected] of cases) assert.equal(visibleText(text), expected);
});

test('JSON for a terminal holds no control character and reads back the same', () => {
  const value = { text: 'a\u001b[2J\u009b\u202e\u{e0041}🚀\n\u007f', list: ['\ufeff', 1, null] };
  const json = visibleJson(value);
  assert.equal(visibleText(json), json);
  assert.deepEqual(JSON.parse(json), value);
});
