// When a channel that sent files by their names has to look at everything again: names tell nothing of folders' times, and
// a watch may miss something. Seldom enough to cost next to nothing.

export interface Audit {
  /** Files were sent by their names. */
  sent(): void;
  /** A pass over everything was good. */
  passed(begunAt: number, endedAt: number): void;
  /** Milliseconds; undefined while nothing was sent since the last pass. */
  dueAt(): number | undefined;
}

const shortestMs = 60_000;
/** Of the time that a pass takes: two in a hundred are spent on auditing at most. */
const factor = 50;

export function createAudit(): Audit {
  let dueAt = Number.NEGATIVE_INFINITY;
  let hasSent = false;
  return {
    sent() {
      hasSent = true;
    },
    passed(begunAt, endedAt) {
      hasSent = false;
      dueAt = endedAt + Math.max(shortestMs, (endedAt - begunAt) * factor);
    },
    dueAt: () => (hasSent ? dueAt : undefined),
  };
}
