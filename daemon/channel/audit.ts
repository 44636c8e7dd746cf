// When a channel has to look at everything although nothing was told: files that were sent by their names tell nothing of
// folders' times, and a watch may miss something. Seldom enough to cost next to nothing.

export interface Audit {
  /** Something was done that only tells a part: files were sent by their names. */
  sent(at: number): void;
  /** A pass over everything was good. */
  passed(begunAt: number, endedAt: number): void;
  /** Milliseconds; undefined before the first pass. */
  dueAt(): number | undefined;
}

const afterSendingMs = 60_000;
const idleMs = 600_000;
/** Of the time that a pass takes: two in a hundred are spent on auditing at most. */
const factor = 50;

export function createAudit(): Audit {
  let last: { readonly endedAt: number; readonly shortestMs: number } | undefined;
  /** When it was for the first time since then. */
  let sentAt: number | undefined;
  return {
    sent(at) {
      sentAt ??= at;
    },
    passed(begunAt, endedAt) {
      sentAt = undefined;
      last = { endedAt, shortestMs: (endedAt - begunAt) * factor };
    },
    dueAt() {
      if (last === undefined) return undefined;
      const idleUntil = last.endedAt + idleMs;
      const dueAt = sentAt === undefined ? idleUntil : Math.min(sentAt + afterSendingMs, idleUntil);
      return Math.max(last.endedAt + last.shortestMs, dueAt);
    },
  };
}
