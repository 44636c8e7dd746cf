// What a run of `npm run bench -- sync` is to measure, and how it is ended.

export interface SyncWanted {
  readonly saves: number;
  readonly files: number;
  /** 0 for ours alone; so for the parts below. */
  readonly peers: number;
  readonly latency: number;
  readonly bulk: number;
  readonly scale: number;
  /** Of each thing that is measured in seconds. */
  readonly repeats: number;
  readonly 'new-files': number;
  readonly 'large-mib': number;
  readonly 'scale-files': number;
}

export interface SyncRun extends SyncWanted {
  readonly roundTripsMs: readonly number[];
  /** Aborted by Ctrl-C: everything that waits gives up, and everything that runs is ended on the way out. */
  readonly signal: AbortSignal;
}
