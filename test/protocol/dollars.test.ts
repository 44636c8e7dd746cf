// Amounts of money in words: never zero for what costs something.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dollarText, hourlyText } from '../../protocol/dollars.ts';

test('four digits below a dollar, more for what is tiny, two above', () => {
  for (const [dollars, text] of [
    [0, '$0.0000'],
    [0.0416, '$0.0416'],
    [0.001, '$0.0010'],
    [0.00095, '$0.00095'],
    [0.000031, '$0.000031'],
    [0.0000000123, '$0.000000012'],
    [0.99999, '$1.0000'],
    [1.5, '$1.50'],
    [120, '$120.00'],
  ] as const)
    assert.equal(dollarText(dollars), text);
  assert.equal(hourlyText(12.2), '$12.2000');
});
