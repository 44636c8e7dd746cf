// What holds in every life of a portal, however unlucky. A failure prints its seed and what happened;
// PORTALD_PROPERTY_SEED=seed lives that life again; PORTALD_PROPERTY_LIVES=count lives so many, else some hundred,
// with PORTALD_CRASH=all many thousand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allWanted } from '../crash/chance.ts';
import { createChance } from './model/chance.ts';
import { live, type Told } from './model/live.ts';
import { someRecord } from './model/plans.ts';

const replayed = process.env['PORTALD_PROPERTY_SEED'];
const ownLives = allWanted(process.env) ? 20_000 : 500;
const lives = Number(process.env['PORTALD_PROPERTY_LIVES'] ?? '') || ownLives;
/** As many of the last steps are shown of a life that went wrong. */
const shownSteps = 60;

function seeds(): number[] {
  if (replayed !== undefined) return [Number(replayed)];
  const first = Math.floor(Date.now() / 1000) * lives;
  return Array.from({ length: lives }, (_, index) => (first + index) >>> 0);
}

test('no life leads astray, and when the storm is over the wish comes true', (context) => {
  context.diagnostic(`${replayed === undefined ? lives : 1} lives`);
  for (const seed of seeds()) {
    const chance = createChance(seed);
    const told: Told = { lines: [], steps: 0 };
    try {
      live(someRecord(chance), chance, told);
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const story = told.lines.slice(-shownSteps).join('\n');
      assert.fail(`PORTALD_PROPERTY_SEED=${seed} after ${told.steps} steps: ${reason}\n${story}`);
    }
  }
});
