// Texts as long as a client may send them: what is told is bounded, and so is the work, which nothing else waits for.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { maximumParts, maximumProblems, maximumTextLength } from '../../protocol/located-yaml.ts';
import { textPlaces } from '../../protocol/text-places.ts';
import { problemsOf } from './parsing.ts';

const repeated = (unit: string, length = maximumTextLength): string =>
  unit.repeat(Math.floor(length / unit.length));

suite('of a text with too many parts one mistake is told, where it becomes too long', () => {
  const units = [
    'a: 1\n',
    '{"a": 1}\n',
    'a: [\n',
    '{}, ',
    '[',
    '- ',
    'a: "\n',
    'b: *a\n',
    '\ta: 1\n',
    '? a\n',
    '\\q',
    '\n',
  ];
  for (const unit of units) {
    test(JSON.stringify(unit), () => {
      const [problem, ...more] = problemsOf(repeated(unit));
      assert.deepEqual(more, []);
      assert.match(problem?.message ?? '', /^the file is too long: up to here it has 3000 /);
    });
  }
  test('channels: [{}, {}, …]', () => {
    const [problem, ...more] = problemsOf(`channels: [${repeated('{}, ', maximumTextLength - 20)}{}]`);
    assert.deepEqual([problem?.line, more.length], [1, 0]);
  });
});

suite('of many mistakes the first are told, and how many more there are', () => {
  const rows: [title: string, text: string, count: number][] = [
    ['unknown fields', Array.from({ length: 300 }, (_, index) => `a${index}: 1`).join('\n'), 305],
    ['fields twice', repeated('a: 1\n', 1000), 199],
    ['wrong values', `channels: [${repeated('{}, ', 1200)}{}]`, 905],
  ];
  for (const [title, text] of rows) {
    test(title, () => {
      const problems = problemsOf(text);
      assert.equal(problems.length, maximumProblems + 1);
      const last = problems.at(-1);
      assert.match(last?.message ?? '', /^and \d+ more mistakes from here on$/);
      const places = problems.map(({ line, column }) => line * 1e6 + column);
      assert.deepEqual(
        places,
        places.toSorted((one, other) => one - other),
      );
    });
  }
});

test('what stands for bytes is refused, not looked at one by one', () => {
  const [problem, ...more] = problemsOf(`a: !!binary ${'QUJD'.repeat(60_000)}`);
  assert.deepEqual(
    [problem?.message, more],
    ['the tag !!binary means nothing here; write the text itself', []],
  );
});

test('a specification of ordinary length is far from too long', () => {
  const excludes = Array.from({ length: 500 }, (_, index) => `      - "*.${index}"`).join('\n');
  const text = `channels:\n  - direction: out\n    exclude:\n${excludes}\n`;
  assert.ok(problemsOf(text).every(({ message }) => !message.includes('too long')));
  assert.ok(maximumParts > 1000);
});

test('places in a text', () => {
  const places = textPlaces('ab\n\nc\r\nd');
  const at = (offset: number): string => {
    const { line, column } = places.at(offset);
    return `${line}:${column}`;
  };
  assert.deepEqual([0, 1, 2, 3, 4, 5, 7, 8].map(at), [
    '1:1',
    '1:2',
    '1:3',
    '2:1',
    '3:1',
    '3:2',
    '4:1',
    '4:2',
  ]);
  assert.deepEqual([1, 2, 3, 4, 5].map(places.line), ['ab', '', 'c\r', 'd', '']);
});
