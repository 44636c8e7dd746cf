// What is kept of a program's output.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutputTail } from '../../daemon/remote/output-tail.ts';

const kept = 256 * 1024;

for (const size of [1, 3, 1000, kept - 1, 3 * kept]) {
  test(`in pieces of ${size} bytes`, () => {
    const output = `before ${'x'.repeat(50)}\nmark\n${'0123456789'.repeat(70_000)}end`;
    const bytes = Buffer.from(output);
    const [marked, plain, without] = [
      createOutputTail('mark\n'),
      createOutputTail(),
      createOutputTail('other'),
    ];
    for (let at = 0; at < bytes.length; at += size)
      for (const tail of [marked, plain, without]) tail.push(bytes.subarray(at, at + size));
    for (const tail of [marked, plain, without]) assert.equal(tail.text(), output.slice(-kept));
    assert.deepEqual([marked.isBegun(), plain.isBegun(), without.isBegun()], [true, true, false]);
  });
}

test('what comes before the marker is not kept once it has come', () => {
  const tail = createOutputTail('mark\n');
  for (const piece of ['before m', 'ark', '\naf', 'ter']) tail.push(Buffer.from(piece));
  assert.equal(tail.text(), 'after');
  const cut = createOutputTail('mark\n');
  cut.push(Buffer.from(`${'y'.repeat(5 * kept)}ma`));
  cut.push(Buffer.from('rk\nz'));
  assert.equal(cut.text(), 'z');
});

test('a million pieces of one byte', () => {
  // Copying what is kept for each of them would take minutes.
  const tail = createOutputTail('mark\n');
  const byte = Buffer.from('x');
  for (let piece = 0; piece < 1_000_000; piece++) tail.push(byte);
  assert.equal(tail.text(), 'x'.repeat(kept));
});
