// How often instances are looked at, by their number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookIntervalMs } from '../../daemon/remote/look-interval.ts';

for (const [wantedMs, links, intervalMs] of [
  [1000, 0, 1000],
  [1000, 1, 1000],
  [1000, 10, 1000],
  [1000, 20, 2000],
  [1000, 500, 5000],
  [10_000, 1, 10_000],
  [10_000, 500, 10_000],
] as const) {
  test(`${links} instances, wanted each ${wantedMs} ms: each ${intervalMs} ms`, () => {
    assert.equal(lookIntervalMs(wantedMs, links), intervalMs);
  });
}
