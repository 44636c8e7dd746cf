// Lines from bytes: every way to cut a stream gives the same lines, and none grows over the cap.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineSplitter } from '../../protocol/framing.ts';

test('however a stream is cut, its lines are the same', () => {
  const stream = Buffer.from('{"a":"größer 🚀"}\r\n\n  \n{"b":2}\n{"c"');
  for (let size = 1; size <= stream.length; size++) {
    const splitter = createLineSplitter();
    const lines: string[] = [];
    for (let at = 0; at < stream.length; at += size)
      lines.push(...splitter.push(stream.subarray(at, at + size)));
    assert.deepEqual(lines, ['{"a":"größer 🚀"}', '{"b":2}'], `pieces of ${size} bytes`);
    assert.equal(splitter.partial(), true);
    assert.deepEqual(splitter.push(Buffer.from(':3}\n')), ['{"c":3}']);
    assert.equal(splitter.partial(), false);
    assert.deepEqual(splitter.end(), []);
    splitter.push(Buffer.from(' {"d":4} '));
    assert.deepEqual([splitter.end(), splitter.end()], [['{"d":4}'], []]);
  }
});

test('a line of the cap is taken, one byte more is not, ended or not', () => {
  assert.deepEqual(createLineSplitter(4).push(Buffer.from('abcd\n')), ['abcd']);
  assert.deepEqual(createLineSplitter(4).push(Buffer.from('abcd\nefgh\n')), ['abcd', 'efgh']);
  assert.throws(() => createLineSplitter(4).push(Buffer.from('abcde\n')), RangeError);
  const splitter = createLineSplitter(4);
  splitter.push(Buffer.from('abcd'));
  assert.throws(() => splitter.push(Buffer.from('e')), RangeError);
});

test('a held piece does not change when its buffer is used again', () => {
  const splitter = createLineSplitter();
  const buffer = Buffer.from('ab');
  splitter.push(buffer);
  buffer.fill('x');
  assert.deepEqual(splitter.push(Buffer.from('\n')), ['ab']);
});
