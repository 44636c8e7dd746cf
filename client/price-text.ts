// Spot prices in words: a plot for each instance type, a table, and what to make of them.
import { hourlyText } from '../protocol/dollars.ts';
import type { PriceHistory } from '../protocol/price-history.ts';
import { durationText } from './duration.ts';
import type { Piece } from './output.ts';
import type { Pool, PriceSummary } from './price-summary.ts';
import { legendEntry, stepPlot } from './step-plot.ts';
import { tableLines } from './table.ts';

type Line = readonly Piece[];

/** How it is shown: columns, and whether there is more than ASCII. */
export interface PriceScreen {
  readonly width: number;
  readonly isUnicode: boolean;
}

export function priceLines(history: PriceHistory, summary: PriceSummary, screen: PriceScreen): Line[] {
  const { pools } = summary;
  const marks = marksOf([...new Set([...history.zones, ...pools.map((pool) => pool.zone)])].toSorted());
  const [fromMs, toMs] = [Date.parse(history.from), Date.parse(history.to)];
  const plots = history.types.flatMap((type): Line[] => {
    const lines = pools
      .filter((pool) => pool.type === type)
      .map((pool) => ({ ...pool, mark: '', place: 0, ...marks.get(pool.zone) }));
    if (lines.length === 0) return [];
    const title = `${type}, dollars per hour, the last ${durationText(toMs - fromMs)}`;
    return [
      [{ text: title, style: 'bold' }],
      ...stepPlot(lines, { ...screen, fromMs, toMs }),
      ...legend(lines, screen),
      [''],
    ];
  });
  return [
    ...plots,
    ...tableOf(pools).map((line) => [line]),
    [''],
    ...[...notOfferedLines(history, summary), ...verdicts(history, summary)].map((line) => [line]),
  ];
}

/** Each zone's letter, its own last one where that tells them all apart, and its place. */
function marksOf(zones: readonly string[]): Map<string, { mark: string; place: number }> {
  const last = zones.map((zone) => zone.at(-1) ?? '');
  const isClear = new Set(last).size === zones.length;
  return new Map(
    zones.map((zone, place) => {
      const mark = isClear ? last[place] : 'abcdefghijklmnopqrstuvwxyz'[place % 26];
      return [zone, { mark: mark ?? '*', place }];
    }),
  );
}

/** As many entries in a line as have room. */
function legend(
  lines: readonly { mark: string; place: number; zone: string }[],
  { width, isUnicode }: PriceScreen,
): Line[] {
  const all: Piece[][] = [];
  let used = width;
  for (const line of lines) {
    const length = (isUnicode ? 6 : 1) + 1 + line.zone.length + 2;
    if (used + length > width) {
      all.push([' ']);
      used = 1;
    }
    used += length;
    all.at(-1)?.push(' ', legendEntry(line, isUnicode), ` ${line.zone}`);
  }
  return all;
}

function tableOf(pools: readonly Pool[]): string[] {
  return tableLines([
    ['ZONE', 'TYPE', 'NOW', 'LOWEST', 'HIGHEST', 'MEAN', 'VARIES', 'CHANGES'],
    ...pools.map((pool) => [
      pool.zone,
      pool.type,
      hourlyText(pool.now),
      hourlyText(pool.lowest),
      hourlyText(pool.highest),
      hourlyText(pool.mean),
      percent(pool.variation),
      String(pool.changes),
    ]),
  ]);
}

function notOfferedLines({ types, zones }: PriceHistory, { notOffered }: PriceSummary): string[] {
  return types.flatMap((type) => {
    const without = notOffered.filter((one) => one.type === type).map((one) => one.zone);
    if (without.length === 0) return [];
    if (without.length === zones.length)
      return [`${type} has no spot price in this Region: check its name, or take another type`];
    return [`${type} is not offered in ${without.join(', ')}`];
  });
}

function verdicts({ zone }: PriceHistory, { pools, cheapest, steadiest }: PriceSummary): string[] {
  if (cheapest === undefined || steadiest === undefined) return [];
  const own = (pool: Pool): string => (pool.zone === zone ? ", the specification's own zone" : '');
  const place = (pool: Pool): string => `${pool.type} in ${pool.zone}`;
  const lines = [
    `cheapest now: ${place(cheapest)}${own(cheapest)}, at ${hourlyText(cheapest.now)} an hour`,
    `steadiest: ${place(steadiest)}${own(steadiest)}, which ${
      steadiest.changes === 0
        ? 'never changed'
        : `varies by ${percent(steadiest.variation)} around ${hourlyText(steadiest.mean)}`
    }`,
  ];
  if (zone === undefined || (cheapest.zone === zone && steadiest.zone === zone)) return lines;
  const here = pools.filter((pool) => pool.zone === zone);
  const costs = here.map((pool) => `${pool.type} ${hourlyText(pool.now)}${aboveCheapest(pool, pools)}`);
  const words = costs.length === 0 ? 'offers none of these types' : `has ${costs.join(', ')}`;
  return [...lines, `the specification's own zone, ${zone}, ${words}`];
}

/** Compared with the same type in other zones: a volume cannot move there by itself, but a snapshot can. */
function aboveCheapest({ type, now }: Pool, pools: readonly Pool[]): string {
  const lowest = Math.min(...pools.filter((pool) => pool.type === type).map((pool) => pool.now));
  return lowest < now && lowest > 0 ? ` (${percent(now / lowest - 1)} more than in the cheapest zone)` : '';
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}
