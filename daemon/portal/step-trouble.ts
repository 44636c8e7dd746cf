// Steps that fail, each with its own count: a step is known again by what it does and to what, so that others that go
// well in between do not make its failures forgotten.
import { type ErrorKind, errorKinds, type PortalError } from '../../protocol/errors.ts';
import type { Difficulty } from './gateways.ts';
import type { Step } from './steps.ts';
import { toDifficulty } from './task-board.ts';

export interface StepTrouble {
  /** Notes a failure; returns how often in a row this step has failed. */
  failed(step: Step | undefined, error: PortalError): number;
  succeeded(step: Step): void;
  /** The latest failure of a step that is still being tried, with the time of its first one. */
  current(): Difficulty | undefined;
}

/** A step that has not failed for so long is not tried any more: it is longer than the longest pause. */
const forgottenMs = 60_000;

/** A first opening is given up after so many refusals of one step. */
const openingAttempts = 5;
/** EC2's answers may be so old: what they show as free, or as there, is not. */
const oldAnswersMs = 60_000;
const ofOldAnswers: ReadonlySet<ErrorKind> = new Set(['volume', 'not-found']);

/** What the user can cure without another opening: a login, room on the disk. */
const curable: ReadonlySet<ErrorKind> = new Set(['credentials', 'state-folder', 'internal']);

/** Whether a step that was refused `failures` times in `forMs` will be for ever: neither time nor a new login cures it. */
export function isHopeless(kind: ErrorKind, failures: number, forMs: number): boolean {
  if (errorKinds[kind].retryable || curable.has(kind)) return false;
  return failures >= openingAttempts && (!ofOldAnswers.has(kind) || forMs >= oldAnswersMs);
}

export function createStepTrouble(now: () => number): StepTrouble {
  const troubles = new Map<string, { failures: number; lastAt: number; difficulty: Difficulty }>();
  return {
    failed(step, error) {
      const key = keyOf(step);
      const known = troubles.get(key);
      const failures = (known?.failures ?? 0) + 1;
      const difficulty = toDifficulty(error, known?.difficulty.since ?? now());
      troubles.delete(key);
      troubles.set(key, { failures, lastAt: now(), difficulty });
      return failures;
    },
    succeeded(step) {
      troubles.delete(keyOf(step));
      troubles.delete(keyOf(undefined));
    },
    current() {
      for (const [key, { lastAt }] of troubles) if (now() - lastAt > forgottenMs) troubles.delete(key);
      return [...troubles.values()].at(-1)?.difficulty;
    },
  };
}

/** What a step is about; the rest of it, a time or a reason, may be another at each try. */
const subjects = ['kind', 'generation', 'instanceId', 'volumeId', 'fleetId'];

/** A failure outside any step is one of observing or deciding. */
function keyOf(step: Step | undefined): string {
  return step === undefined ? '' : JSON.stringify(step, subjects);
}
