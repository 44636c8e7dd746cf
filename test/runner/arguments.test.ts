// What the runner of the tests takes, and what it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWords } from './arguments.ts';

test('words become what is wanted', () => {
  const nothing = { isLong: false, times: 1, figures: 0, files: [] };
  for (const [words, wanted] of [
    ['', {}],
    ['--figures', { figures: Number.POSITIVE_INFINITY }],
    ['--slowest', { figures: 10 }],
    ['--long a.test.ts', { isLong: true, files: ['a.test.ts'] }],
    ['a.test.ts --slowest b.test.ts', { figures: 10, files: ['a.test.ts', 'b.test.ts'] }],
    ['--repeat 12 a.test.ts', { times: 12, files: ['a.test.ts'] }],
  ] as const)
    assert.deepEqual(readWords(words.split(' ').filter(Boolean)), { ...nothing, ...wanted }, words);
});

test('what is no use is refused', () => {
  for (const [words, told] of [
    ['--fast', /--fast/],
    ['--repeat', /"" is not a number/],
    ['--repeat 0 a.test.ts', /"0" is not a number/],
    ['--repeat a.test.ts 3', /"a.test.ts" is not a number/],
    ['--repeat 3', /name at least one/],
  ] as const)
    assert.throws(() => readWords(words.split(' ')), told, words);
});
