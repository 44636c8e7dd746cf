// How long a channel waits for what hangs on the instance, or on a disk here.

export interface Limits {
  /** For an rsync that does nothing here; the next one after that has twice as long. */
  readonly silentPassMs: number;
  /** For the whole of a batch of the instance, from when it is its turn. */
  readonly wholeBatchMs: number;
  /** For what an instance is asked before a pass. */
  readonly preparationMs: number;
}

/**
 * A healthy pass may be silent for long: of a large file that has changed little, some dozens of GiB are copied on the instance
 * without a word. A package may have to be installed first.
 */
export const limits: Limits = {
  silentPassMs: 3_600_000,
  wholeBatchMs: 90_000,
  preparationMs: 600_000,
};
