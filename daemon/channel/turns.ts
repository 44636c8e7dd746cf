// One at a time, in the order of asking.

/** Waits for the turn; resolves to what ends it. */
export type Turn = () => Promise<() => void>;

export function createTurns(): Turn {
  let last: Promise<void> = Promise.resolve();
  return async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = last;
    last = promise;
    await before;
    return resolve;
  };
}
