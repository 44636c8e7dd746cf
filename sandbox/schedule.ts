// The one owner of time: the clock, and every timer of the simulated cloud. Ending it cancels them all.

/** Clock and timers. */
export type Schedule = {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Runs `task` once after `delayMs`; failures go to `onError`. Returns what cancels it. */
  after(delayMs: number, task: () => void | Promise<void>): () => void;
  /** Cancels everything that has not run. */
  end(): void;
};

/** Makes a schedule on the system's clock. `onError` hears of tasks that fail. */
export function schedule(onError: (error: unknown) => void): Schedule {
  const pending = new Set<NodeJS.Timeout>();
  let ended = false;
  return {
    now: () => Date.now(),
    after: (delayMs, task) => {
      if (ended) return () => {};
      const timer = setTimeout(() => {
        pending.delete(timer);
        Promise.resolve().then(task).catch(onError);
      }, delayMs);
      pending.add(timer);
      return () => {
        clearTimeout(timer);
        pending.delete(timer);
      };
    },
    end: () => {
      ended = true;
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
