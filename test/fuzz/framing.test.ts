// The socket's framing with random bytes: NULs, broken UTF-8, huge lines, in any pieces.
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import { createLineSplitter } from '../../protocol/framing.ts';
import { fuzz, randomBytes } from './fuzz.ts';

test('however bytes are cut, the lines are the same, or the cap is told at the same line', (context) =>
  fuzz(context, (chance) => {
    const capBytes = 1 + chance.below(200);
    const bytes = randomBytes(chance, 2000, [
      '\n',
      '\r\n',
      '\n\n',
      '\0',
      '{"a":',
      '\u{1f680}',
      ' ',
      '\ufeff',
    ]);
    const expected: string[] = [];
    let isTooLong = false;
    // Every piece but the last has an end.
    const pieces = split(bytes);
    for (const [index, piece] of pieces.entries()) {
      if (piece.length > capBytes) {
        isTooLong = true;
        break;
      }
      const line = (isUtf8(piece) ? piece.toString('utf8') : '\uFFFD').trim();
      if (index < pieces.length - 1 && line !== '') expected.push(line);
    }
    const splitter = createLineSplitter(capBytes);
    const lines: string[] = [];
    const read = (): void => {
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + chance.below(40);
        lines.push(...splitter.push(bytes.subarray(at, at + size)));
        at += size;
      }
    };
    if (isTooLong) assert.throws(read, RangeError);
    else {
      read();
      assert.deepEqual(lines, expected);
    }
    // What a refused piece held before its mistake is lost with it.
    assert.deepEqual(lines, expected.slice(0, lines.length));
  }));

function split(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    pieces.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return [...pieces, bytes.subarray(from)];
}
