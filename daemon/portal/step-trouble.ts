// Steps that fail, and steps that EC2 takes without an effect, each with its own count and its own pause: a step is known
// again by what it does and to what, so that others go on meanwhile, and do not make its failures forgotten when they go well.
import { type ErrorKind, errorKinds, type PortalError } from '../../protocol/errors.ts';
import type { Difficulty } from './gateways.ts';
import type { Rest } from './observation.ts';
import { retryPauseMs } from './standing.ts';
import { cloudSteps, type Step, stepKey } from './steps.ts';
import { toDifficulty } from './task-board.ts';

export interface StepTrouble {
  /** Notes a failure; returns how often in a row this step has failed. */
  failed(step: Step | undefined, error: PortalError): number;
  /** Notes a success; returns how often in a row this step was taken. EC2 is not asked for the same again at once. */
  succeeded(step: Step): number;
  /** What steps failed for with `message` is over: they may be tried at once, and are no trouble meanwhile. */
  cured(message: string): void;
  /** Whatever failed may be tried at once: something may have changed that it failed for. */
  forget(): void;
  /** The latest failure of a step that is still being tried, with the time of its first one. */
  current(): Difficulty | undefined;
  /** Steps that are to be taken again only later. */
  resting(): ReadonlyMap<string, Rest>;
}

const longestRestMs = 15_000;

/** Why a step rests that EC2 took. */
const awaited = 'EC2 was asked for it, and does not show it yet';

/** A step that has not failed for so long is not tried any more: it is longer than the longest pause. */
const forgottenMs = 60_000;

/** What is asked of EC2 again after so long is asked for another reason. */
const askedForgottenMs = 10 * 60_000;

/** A first opening is given up after so many refusals of one step. */
export const openingAttempts = 5;
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
  const asked = new Map<string, { times: number; lastAt: number }>();
  const rest = (times: number, lastAt: number, message: string): Rest | undefined => {
    const restedMs = now() - lastAt;
    const forMs = restPauseMs(times) - restedMs;
    // The clock may have been put back since.
    return forMs > 0 && restedMs >= 0 ? { forMs, message } : undefined;
  };
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
      const key = keyOf(step);
      troubles.delete(key);
      troubles.delete(keyOf(undefined));
      if (!cloudSteps.has(step.kind)) return 1;
      const known = asked.get(key);
      const times = known === undefined || now() - known.lastAt > askedForgottenMs ? 1 : known.times + 1;
      asked.set(key, { times, lastAt: now() });
      return times;
    },
    cured(message) {
      for (const [key, { difficulty }] of troubles) if (difficulty.message === message) troubles.delete(key);
    },
    forget() {
      troubles.clear();
      asked.clear();
    },
    current() {
      for (const [key, { lastAt }] of troubles) if (now() - lastAt > forgottenMs) troubles.delete(key);
      return [...troubles.values()].at(-1)?.difficulty;
    },
    resting() {
      for (const [key, { lastAt }] of asked) if (now() - lastAt > askedForgottenMs) asked.delete(key);
      const resting = new Map<string, Rest>();
      const add = (key: string, one: Rest | undefined): void => void (one && resting.set(key, one));
      for (const [key, { times, lastAt }] of asked) add(key, rest(times, lastAt, awaited));
      for (const [key, one] of troubles) add(key, rest(one.failures, one.lastAt, one.difficulty.message));
      return resting;
    },
  };
}

/** How long nothing more is tried after the nth failure in a row. */
export function restPauseMs(failures: number): number {
  return Math.min(longestRestMs, retryPauseMs(failures));
}

/** A failure outside any step is one of observing or deciding. */
function keyOf(step: Step | undefined): string {
  return step === undefined ? '' : stepKey(step);
}
