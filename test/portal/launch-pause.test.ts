// How long a failed launch is not tried again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchPauseMs, restMs } from '../../daemon/portal/launch-pause.ts';
import type { ErrorKind } from '../../protocol/errors.ts';

const rows: [string, ErrorKind, failures: number, beside: boolean, ms: number][] = [
  ['a pool without capacity holds up no other', 'capacity', 5, false, 0],
  ['a price that is too low now holds up no other pool', 'price', 1, false, 0],
  ['no answer: soon again, with the same token', 'endpoint', 1, false, 3000],
  ['no answer for long: less often', 'endpoint', 9, false, 30_000],
  ['no room beside the old instance: its place is tried for often', 'quota', 7, true, 10_000],
  ['no room at all: a minute', 'quota', 1, false, 60_000],
  ['a wrong configuration: less and less often', 'configuration', 3, false, 240_000],
  ['and no less often than every 15 minutes', 'permission', 40, false, 900_000],
];
for (const [sentence, kind, failures, beside, ms] of rows) {
  test(sentence, () => assert.equal(launchPauseMs(kind, failures, 0, beside), ms));
}

test('chance spreads portals that failed together, by a quarter at the most', () => {
  assert.equal(launchPauseMs('configuration', 1, 0.5, false), 67_500);
  assert.equal(restMs(0), 180_000);
  assert.ok(restMs(0.999) < 225_000);
});
