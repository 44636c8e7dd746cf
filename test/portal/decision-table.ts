// Decision tables: each row is a sentence, the world it speaks of, and the step that must follow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../daemon/portal/decide.ts';
import type { Observation } from '../../daemon/portal/observation.ts';
import type { PortalRecord } from '../../daemon/portal/record.ts';
import type { Step } from '../../daemon/portal/steps.ts';

export type Row = [sentence: string, record: PortalRecord, observation: Observation, step: Partial<Step>];

/** Makes a test of every row; of the step only the named fields are compared. */
export function table(title: string, rows: Row[]): void {
  for (const [sentence, record, observation, step] of rows) {
    test(`${title}: ${sentence}`, () => {
      const decision = decide(record, observation);
      assert.deepEqual(
        Object.fromEntries(
          Object.keys(step).map((key) => [key, (decision.step as Record<string, unknown>)[key]]),
        ),
        step,
        `decided ${JSON.stringify(decision)}`,
      );
    });
  }
}
