// While a pass takes its time: what is saved goes by its names all the same.
import type { Alarm } from './alarm.ts';

export interface MeanwhileParts {
  readonly alarm: Alarm;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** When what is saved is to be sent, if the last was sent at `lastSent`; undefined if nothing is. */
  readonly dueAt: (lastSent: number) => number | undefined;
  /** Whether it can be sent now. */
  readonly isReady: () => boolean;
  readonly send: () => Promise<void>;
}

/** The way to send gets ready soon after a pass has begun, and tells nobody. */
const lookMs = 50;

/** Sends until `over` has settled; resolves then, whatever its outcome is. */
export async function sendMeanwhile(over: Promise<unknown>, parts: MeanwhileParts): Promise<void> {
  const { alarm, now, signal } = parts;
  let lastSent = Number.NEGATIVE_INFINITY;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    alarm.wake();
  };
  const ended = over.then(end, end);
  while (!isOver && !signal.aborted) {
    const due = parts.dueAt(lastSent);
    if (due === undefined) await alarm.sleep(undefined);
    else if (due > now()) await alarm.sleep(due - now());
    else if (!parts.isReady()) await alarm.sleep(lookMs);
    else {
      await parts.send();
      lastSent = now();
    }
  }
  await ended;
}
