// A pool's price over time: the steps that it is made of, and the figures that tell it, weighted by time.
import type { PriceSeries } from '../protocol/price-history.ts';

/** A price that holds from one time to another, milliseconds. */
export interface PriceStep {
  readonly fromMs: number;
  readonly toMs: number;
  readonly dollars: number;
}

export interface PriceFigures {
  readonly now: number;
  readonly lowest: number;
  readonly highest: number;
  /** Over time, not over entries. */
  readonly mean: number;
  /** Standard deviation over the mean, weighted by time; 0 is a price that never moved. */
  readonly variation: number;
  /** How often the price became another. */
  readonly changes: number;
}

/** The steps within the span, oldest first; equal prices that follow each other are one. Empty without points. */
export function stepsOf(points: PriceSeries['points'], fromMs: number, toMs: number): PriceStep[] {
  const steps: PriceStep[] = [];
  for (const [index, { at, dollars }] of points.entries()) {
    const next = points[index + 1];
    const begin = Math.max(Date.parse(at), fromMs);
    const end = next === undefined ? Math.max(toMs, begin) : Date.parse(next.at);
    // Over before the span began, or replaced in the moment that it came.
    if (next !== undefined && end <= begin) continue;
    const last = steps.at(-1);
    if (last?.dollars === dollars) steps[steps.length - 1] = { ...last, toMs: end };
    else steps.push({ fromMs: begin, toMs: end, dollars });
  }
  return steps;
}

/** The figures of at least one step. */
export function figuresOf(steps: readonly PriceStep[]): PriceFigures {
  const prices = steps.map((one) => one.dollars);
  const now = prices.at(-1) ?? Number.NaN;
  const overall = steps.reduce((sum, one) => sum + one.toMs - one.fromMs, 0);
  const weighted = (value: (dollars: number) => number): number =>
    overall === 0
      ? value(now)
      : steps.reduce((sum, one) => sum + value(one.dollars) * ((one.toMs - one.fromMs) / overall), 0);
  const mean = weighted((dollars) => dollars);
  const variance = weighted((dollars) => (dollars - mean) ** 2);
  return {
    now,
    lowest: Math.min(...prices),
    highest: Math.max(...prices),
    mean,
    variation: mean === 0 || steps.length < 2 ? 0 : Math.sqrt(variance) / mean,
    changes: Math.max(0, steps.length - 1),
  };
}
