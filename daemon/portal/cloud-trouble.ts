// Reports when EC2 refuses portald or does not answer, and when that is over. A passing failure is reported only if it lasts.
import type { ErrorKind } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/events.ts';
import type { Difficulty } from './gateways.ts';

const patienceMs = 10_000;

/** No answer, or too many questions. Expired credentials and the like do not pass. */
const passing: ReadonlySet<ErrorKind> = new Set(['endpoint', 'throttled']);

/** Whether to report it now. */
export function isCloudWorthTelling({ kind, since }: Difficulty, now: number): boolean {
  return !passing.has(kind) || now - since > patienceMs;
}

export interface CloudTrouble {
  /** The messages to report now: each difficulty once until it is over, and its end. */
  news(difficulty: Difficulty | undefined, now: number): Pick<Message, 'level' | 'text'>[];
}

export function createCloudTrouble(): CloudTrouble {
  const told = new Set<string>();
  return {
    news(difficulty, now) {
      if (difficulty === undefined) {
        const wasTold = told.size > 0;
        told.clear();
        return wasTold ? [{ level: 'info', text: 'EC2 can be asked about this portal again' }] : [];
      }
      const { kind, message, hint } = difficulty;
      // Whatever EC2 was asked then, the same is to be done.
      const what = passing.has(kind) || kind === 'credentials' ? kind : message;
      if (told.has(what) || !isCloudWorthTelling(difficulty, now)) return [];
      told.add(what);
      return [{ level: 'warning', text: hint === undefined ? message : `${message} (${hint})` }];
    },
  };
}
