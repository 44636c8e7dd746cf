// Receives the batches in the frames of one watch: has each applied in its turn, and heeds less and less often an instance
// whose batches are refused one after the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { visibleText } from '../../protocol/visible-text.ts';
import type { BatchApplier } from './apply-batches.ts';
import type { Moved } from './tally.ts';
import type { WatchFrame } from './watch-frames.ts';

export interface ReceiverParts {
  readonly applier: BatchApplier;
  /** Waits for the turn to write to the local folder; resolves to what ends the turn. */
  turn(): Promise<() => void>;
  /** A batch has been applied; `begunAt` is when its first bytes were here. */
  arrived(moved: Moved, begunAt: number): void;
  /** One was not, or not wholly: a pass is needed. */
  refused(why: string, begunAt: number): void;
}

export interface ReceiverOptions {
  readonly now: () => number;
  /** For all of a batch. */
  readonly wholeBatchMs: number;
  /** Ends the watch: its batch took too long. */
  readonly end: () => void;
  /** Aborts when the watch has ended. */
  readonly signal: AbortSignal;
}

export interface BatchReceiver {
  /** Throws an Error at a frame that makes no sense here. */
  take(frame: Exclude<WatchFrame, { kind: 'watching' | 'changed' }>): Promise<void>;
  /** No more frames come. */
  close(): void;
  /** What works less well than it could; undefined if there is nothing to report. */
  remark(): string | undefined;
}

const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** A batch or two may be refused where all is well: a file changed while it was sent, or its folder was replaced. */
const reportedRefusals = 3;

/** Before the next batch, after so many in a row were refused. */
export function pauseAfterRefusalsMs(refusals: number): number {
  return refusals === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(refusals - 1, 10));
}

export function receiveBatches(batches: ReceiverParts, options: ReceiverOptions): BatchReceiver {
  const { applier } = batches;
  const { now, signal } = options;
  let current: { readonly moved: Moved; readonly begunAt: number; readonly over: () => void } | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let refusals = 0;
  let lastRefusal = '';
  const finish = (outcome: string): void => {
    if (current === undefined) return;
    const { moved, begunAt, over } = current;
    current = undefined;
    clearTimeout(deadline);
    over();
    if (outcome === 'applied') {
      refusals = 0;
      batches.arrived(moved, begunAt);
    } else {
      refusals++;
      lastRefusal = outcome;
      batches.refused(outcome, begunAt);
    }
  };
  const begin = async (moved: Moved): Promise<void> => {
    if (current !== undefined) throw new Error('the instance begins a batch within another');
    const pauseMs = pauseAfterRefusalsMs(refusals);
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => {});
    const begunAt = now();
    current = { moved, begunAt, over: await batches.turn() };
    // Passes wait for its turn to end.
    deadline = setTimeout(options.end, options.wholeBatchMs);
    await applier.begin();
  };
  return {
    async take(frame) {
      if (frame.kind === 'batch') return begin({ files: frame.files, bytes: frame.bytes });
      if (current === undefined) throw new Error('the instance sends of a batch what it has not begun');
      if (frame.kind === 'data') return applier.take(frame.bytes);
      clearTimeout(deadline);
      finish(await applier.end(frame.code));
    },
    close: () => finish('it is cut'),
    remark: () =>
      refusals < reportedRefusals
        ? undefined
        : `${refusals} times in a row, what the instance sent was refused (${visibleText(lastRefusal.slice(0, 200))}); looking for changes instead`,
  };
}
