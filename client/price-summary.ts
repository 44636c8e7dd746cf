// What a price history comes to: each pool's figures, the cheapest now, the steadiest, and what is not offered.
import type { PriceHistory, PriceSeries } from '../protocol/price-history.ts';
import { figuresOf, type PriceFigures, type PriceStep, stepsOf } from './price-steps.ts';

/** One instance type in one zone. */
export interface Pool extends PriceFigures {
  readonly type: string;
  readonly zone: string;
  readonly steps: readonly PriceStep[];
  readonly points: PriceSeries['points'];
}

export interface PriceSummary {
  readonly pools: readonly Pool[];
  readonly cheapest: Pool | undefined;
  /** The one whose price varies least, relative to itself; of several the cheapest. */
  readonly steadiest: Pool | undefined;
  readonly notOffered: readonly { readonly type: string; readonly zone: string }[];
}

export function summaryOf({ from, to, types, zones, series }: PriceHistory): PriceSummary {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const pools = series.flatMap(({ type, zone, points }): Pool[] => {
    const steps = stepsOf(points, fromMs, toMs);
    return steps.length === 0 ? [] : [{ type, zone, steps, points, ...figuresOf(steps) }];
  });
  const byPrice = pools.toSorted((one, other) => one.now - other.now);
  const [steadiest] = byPrice.toSorted((one, other) => one.variation - other.variation);
  return {
    pools,
    cheapest: byPrice[0],
    steadiest,
    notOffered: types.flatMap((type) =>
      zones
        .filter((zone) => !pools.some((pool) => pool.type === type && pool.zone === zone))
        .map((zone) => ({ type, zone })),
    ),
  };
}
