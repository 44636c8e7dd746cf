// What a channel has done, in numbers for people.
import type { ChannelView } from '../../protocol/portal-view.ts';

/** What one synchronisation moved. */
export interface Moved {
  readonly files: number;
  readonly bytes: number;
  /** Files and folders that were deleted at the other end. */
  readonly deleted?: number;
}

export interface Tally {
  synchronised(moved: Moved, beganAt: number, endedAt: number): void;
  /** A save was confirmed by the other side so long after it was noticed. */
  arrived(ms: number): void;
  view(): Pick<
    ChannelView,
    'synchronisations' | 'lastSynchronisedAt' | 'files' | 'bytes' | 'deleted' | 'last' | 'arrival'
  >;
}

/** So many of the latest saves count for the median. */
const kept = 100;

export function createTally(): Tally {
  let synchronisations = 0;
  let lastSynchronisedAt: string | undefined;
  let total: Moved = { files: 0, bytes: 0 };
  let last: (Moved & { readonly tookMs: number }) | undefined;
  let arrivals: readonly number[] = [];
  return {
    synchronised(moved, beganAt, endedAt) {
      synchronisations++;
      lastSynchronisedAt = new Date(endedAt).toISOString();
      const { files, bytes, deleted = 0 } = moved;
      if (files === 0 && deleted === 0) return;
      total = movedOf(total.files + files, total.bytes + bytes, (total.deleted ?? 0) + deleted);
      last = { ...movedOf(files, bytes, deleted), tookMs: Math.round(endedAt - beganAt) };
    },
    arrived(ms) {
      arrivals = [...arrivals.slice(1 - kept), Math.round(ms)];
    },
    view() {
      const sorted = arrivals.toSorted((left, right) => left - right);
      const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      return {
        synchronisations,
        ...(lastSynchronisedAt !== undefined && { lastSynchronisedAt }),
        ...total,
        ...(last !== undefined && { last }),
        ...(sorted.length > 0 && { arrival: { saves: sorted.length, medianMs: at(0.5), p95Ms: at(0.95) } }),
      };
    },
  };
}

function movedOf(files: number, bytes: number, deleted: number): Moved {
  return { files, bytes, ...(deleted > 0 && { deleted }) };
}
