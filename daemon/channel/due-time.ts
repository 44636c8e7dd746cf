// When a channel's next pass is due. Pure.

export interface ChannelClock {
  readonly now: number;
  /** Something is to be synchronised. */
  readonly isDirty: boolean;
  /** When the first and the last of what made it dirty came. */
  readonly firstMark: number;
  readonly lastMark: number;
  /** Somebody waits for a synchronisation. */
  readonly isUrgent: boolean;
  /** End of the last attempt; -Infinity before the first. */
  readonly lastEnd: number;
  /** Failed attempts since the last good one. */
  readonly failures: number;
  /** From the end of one attempt to the start of the next. */
  readonly delayMs: number;
  /** When the first mark of the last attempt came that had to keep the delay; -Infinity before it. */
  readonly saveBegan: number;
  /** When everything is to be looked at again, although nothing was told. */
  readonly auditAt: number | undefined;
  /** Nobody tells of changes: every `delayMs` it is looked. */
  readonly isPeriodic: boolean;
}

/** By the user's document. */
export const defaultDelaySeconds = 1;

/** Several events of one save become one pass, and a stream of events does not put it off for ever. */
const settleMs = 2;
const longestSettleMs = 100;
/** An editor's save is many changes: what follows its first one so closely belongs to it, and waits for no delay. */
const oneSaveMs = 150;
const shortestPeriodMs = 100;
const shortestRetryMs = 250;
const longestRetryMs = 30_000;

/** Time of the next pass in milliseconds; undefined while nothing is to be done. */
export function dueTime(clock: ChannelClock): number | undefined {
  const { lastEnd, delayMs, failures } = clock;
  if (clock.isUrgent) return clock.now;
  if (failures > 0) {
    const backOffMs = Math.max(delayMs, shortestRetryMs) * 2 ** Math.min(failures - 1, 20);
    return lastEnd + Math.max(delayMs, Math.min(backOffMs, longestRetryMs));
  }
  if (clock.isDirty) {
    const settled = Math.min(clock.lastMark + settleMs, clock.firstMark + longestSettleMs);
    return isSameSave(clock) ? settled : Math.max(lastEnd + delayMs, settled);
  }
  return clock.isPeriodic ? lastEnd + Math.max(delayMs, shortestPeriodMs) : clock.auditAt;
}

/** Whether what is marked belongs to the save that the last attempt sent the first part of. */
export function isSameSave({ firstMark, saveBegan }: Pick<ChannelClock, 'firstMark' | 'saveBegan'>): boolean {
  return firstMark <= saveBegan + oneSaveMs;
}
