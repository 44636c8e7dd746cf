// The billing ledger: what each resource cost, by the second, and what still costs. It is the truth about leaks.

/** What is billed: instances by time, volumes and snapshots by time and size. */
export type BillKind = 'instance' | 'volume' | 'snapshot';

type Entry = {
  resourceId: string;
  kind: BillKind;
  /** Instance type and zone, or volume type and zone. */
  description: string;
  /** Dollars an hour. */
  ratePerHour: number;
  sizeGiB: number | undefined;
  startMs: number;
  endMs: number | undefined;
};

/** One line of the bill. `gibSeconds` is there for what is billed by size. */
export type BillLine = {
  resourceId: string;
  kind: BillKind;
  description: string;
  ratePerHour: number;
  start: string;
  end: string | null;
  seconds: number;
  gibSeconds?: number;
  dollars: number;
};

export type Ledger = ReturnType<typeof ledger>;

/** Makes an empty ledger on the given clock (milliseconds since 1970). */
export function ledger(now: () => number) {
  const entries: Entry[] = [];
  const line = (entry: Entry): BillLine => {
    const seconds = Math.ceil(((entry.endMs ?? now()) - entry.startMs) / 1000);
    return {
      resourceId: entry.resourceId,
      kind: entry.kind,
      description: entry.description,
      ratePerHour: entry.ratePerHour,
      start: new Date(entry.startMs).toISOString(),
      end: entry.endMs === undefined ? null : new Date(entry.endMs).toISOString(),
      seconds,
      ...(entry.sizeGiB === undefined ? {} : { gibSeconds: seconds * entry.sizeGiB }),
      dollars: (seconds * entry.ratePerHour) / 3600,
    };
  };
  const close = (resourceId: string) => {
    for (const entry of entries) {
      if (entry.resourceId === resourceId && entry.endMs === undefined) entry.endMs = now();
    }
  };
  return {
    /** Starts billing; an entry of the same resource that is open ends first (its size or price has changed). */
    open(
      resourceId: string,
      kind: BillKind,
      description: string,
      ratePerHour: number,
      sizeGiB?: number,
    ): void {
      close(resourceId);
      entries.push({ resourceId, kind, description, ratePerHour, sizeGiB, startMs: now(), endMs: undefined });
    },
    /** Ends billing; nothing happens if it has ended. */
    close,
    /** The whole bill; `open` are the lines that still grow. */
    bill() {
      const lines = entries.map(line);
      return {
        lines,
        open: lines.filter((entry) => entry.end === null),
        dollars: lines.reduce((sum, entry) => sum + entry.dollars, 0),
      };
    },
  };
}
