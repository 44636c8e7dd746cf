// The plot of prices, character by character.
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type { Piece } from '../../client/output.ts';
import { timeTicks, valueScale } from '../../client/plot-ticks.ts';
import { figuresOf, stepsOf } from '../../client/price-steps.ts';
import { stepPlot } from '../../client/step-plot.ts';

const dayMs = 86_400_000;
const toMs = Date.parse('2026-11-24T10:00:00Z');
const fromMs = toMs - 7 * dayMs;
const at = (day: number): string => new Date(fromMs + day * dayMs).toISOString();

const series = [
  [
    { at: at(-1), dollars: 0.42 },
    { at: at(1.2), dollars: 0.45 },
    { at: at(3), dollars: 0.51 },
    { at: at(5), dollars: 0.47 },
  ],
  [
    { at: at(-1), dollars: 0.44 },
    { at: at(2.2), dollars: 0.43 },
    { at: at(4), dollars: 0.44 },
  ],
  [
    { at: at(-1), dollars: 0.4 },
    { at: at(6), dollars: 0.49 },
  ],
];
const lines = series.map((points, place) => ({
  mark: 'abc'[place] ?? '',
  place,
  steps: stepsOf(points, fromMs, toMs),
}));

const textOf = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) => (typeof piece === 'string' ? piece : piece.text))
    .join('')
    .trimEnd();

before(() => {
  process.env['TZ'] = 'UTC';
});

suite('the plot', () => {
  test('with letters', () => {
    assert.deepEqual(
      stepPlot(lines, { width: 50, isUnicode: false, fromMs, toMs }).map(textOf),
      `
0.55 +
     |
     |
     |                 aaaaaaaaaaaa
0.50 +                 a          a
     |                 a          a    ccccccc c
     |                 a          aaaaacaaaaaa a
     |                 a               c
0.45 +       aaaaaaaaaaa               c
     |bbbbbbbbbbbbb         bbbbbbbbbbbcbbbbbb b
     |aaaaaaaa    bbbbbbbbbbb          c
     |                                 c
0.40 +cccccccccccccccccccccccccccccccccc
     +---------+----------+----------+--------
            19 Nov     21 Nov     23 Nov`
        .slice(1)
        .split('\n'),
    );
  });

  test('with braille, each line dashed in its own way', () => {
    assert.deepEqual(
      stepPlot(lines, { width: 50, isUnicode: true, fromMs, toMs }).map(textOf),
      `
0.55 ┤
     │
     │
     │                 ⡤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⡄
0.50 ┤                 ⡇          ⡇
     │                 ⡇          ⡇     ⠅⠁⠁⠁⠁⠁ c
     │                 ⡇          ⣇⣀⣀⣀⣀⣀⣅⣀⣀⣀⣀⣀ a
     │                 ⡇                ⠅
0.45 ┤       ⡖⠒⠒⠒⠒⠒⠒⠒⠒⠒⠃                ⠅
     │⠉⠈⠁⠉⠈⠁⠉⡏⠁⠉⠈⠁⢙⢀⡀⣀⢀⡀⣀⢀⡀⣀⢘⠁⠉⠈⠁⠉⠈⠁⠉⠈⠁⠉⠍⠁⠉⠈⠁⠉ b
     │⣀⣀⣀⣀⣀⣀⣀⡇                          ⠅
     │                                  ⠅
0.40 ┤⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂⠃
     └─────────┬──────────┬──────────┬────────
            19 Nov     21 Nov     23 Nov`
        .slice(1)
        .split('\n'),
    );
  });

  test('no line is wider than the frame, and a price that never changed is a plot, too', () => {
    const flat = { mark: 'x', place: 0, steps: [{ fromMs, toMs, dollars: 0.3 }] };
    for (const width of [30, 50, 80, 200]) {
      for (const isUnicode of [true, false]) {
        for (const shown of [lines, [flat]]) {
          const plot = stepPlot(shown, { width, isUnicode, fromMs, toMs });
          for (const line of plot) assert.ok(textOf(line).length <= width, textOf(line));
        }
      }
    }
    assert.equal(
      stepPlot([flat], { width: 30, isUnicode: false, fromMs, toMs }).map(textOf)[6],
      '0.300 +xxxxxxxxxxxxxxxxxxxxx x',
    );
  });
});

suite('ticks', () => {
  test('values are round and hold the line', () => {
    for (const [low, high, texts] of [
      [0.4, 0.51, ['0.40', '0.45', '0.50', '0.55']],
      [0.3, 0.3, ['0.296', '0.298', '0.300', '0.302', '0.304']],
      [0.0031, 0.0052, ['0.003', '0.004', '0.005', '0.006']],
      [11.9, 32.8, ['10.00', '20.00', '30.00', '40.00']],
    ] as const) {
      const scale = valueScale(low, high);
      assert.deepEqual(
        Array.from({ length: scale.intervals + 1 }, (_, index) => scale.textAt(index)),
        texts,
      );
      assert.ok(scale.low <= low && high <= scale.high);
    }
  });

  test('days of the calendar, or hours of a day', () => {
    const texts = (days: number, most: number): string[] =>
      timeTicks(toMs - days * dayMs, toMs, most).map((tick) => tick.text);
    assert.deepEqual(texts(7, 8), ['18 Nov', '19 Nov', '20 Nov', '21 Nov', '22 Nov', '23 Nov', '24 Nov']);
    assert.deepEqual(texts(1, 8), ['12:00', '15:00', '18:00', '21:00', '24 Nov', '03:00', '06:00', '09:00']);
    assert.deepEqual(texts(90, 3), ['25 Sep', '25 Oct', '24 Nov']);
  });
});

suite('figures', () => {
  test('are weighted by time, not by entries', () => {
    const steps = stepsOf(
      [
        { at: at(-3), dollars: 9 },
        { at: at(-2), dollars: 1 },
        { at: at(6), dollars: 2 },
        { at: at(6), dollars: 3 },
        { at: at(6.5), dollars: 3 },
      ],
      fromMs,
      toMs,
    );
    const { mean, variation, ...figures } = figuresOf(steps);
    assert.deepEqual(figures, { now: 3, lowest: 1, highest: 3, changes: 1 });
    assert.equal(mean.toFixed(9), (9 / 7).toFixed(9));
    assert.equal(
      variation.toFixed(4),
      (Math.sqrt(((2 / 7) ** 2 * 6 + (12 / 7) ** 2) / 7) / (9 / 7)).toFixed(4),
    );
  });

  test('of a price that has only just come', () => {
    const steps = stepsOf([{ at: at(7), dollars: 0.5 }], fromMs, toMs);
    assert.deepEqual(figuresOf(steps), {
      now: 0.5,
      lowest: 0.5,
      highest: 0.5,
      mean: 0.5,
      variation: 0,
      changes: 0,
    });
  });
});
