// The engine under a portal's loop. Invariants: one turn at a time; a kick during a turn causes another one at once;
// many kicks cause one; after `stop` no turn begins, and `stop` resolves when the last has ended.

export interface Runner {
  /** Asks for a turn soon. */
  kick(): void;
  /** Whether the loop goes on: no turn takes without end, and none is overdue. */
  isTicking(): boolean;
  stop(): Promise<void>;
}

/** Calls of EC2 that are given up and made again take a minute; everything longer is a task beside the loop. */
const longestTurnMs = 10 * 60_000;
const overdueMs = 60_000;

/**
 * Runs `turn`, which returns after how many milliseconds it wants to run again (0: at once). It must not throw.
 * `ticksMs` is a clock that only goes forward.
 */
export function startRunner(turn: () => Promise<number>, ticksMs: () => number): Runner {
  /** By when the turn under way is to end, or the next to begin. */
  let expectedBy = Number.POSITIVE_INFINITY;
  let kicked = false;
  let stopped = false;
  let wake: (() => void) | undefined;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        wake = undefined;
        resolve();
      }
      wake = done;
    });

  const run = async (): Promise<void> => {
    while (!stopped) {
      kicked = false;
      expectedBy = ticksMs() + longestTurnMs;
      const againMs = await turn();
      // A turn that wants another at once still lets the rest of the process have its turn.
      expectedBy = ticksMs() + againMs + overdueMs;
      if (!kicked && !stopped) await pause(againMs);
    }
  };
  const running = run();

  return {
    kick() {
      kicked = true;
      wake?.();
    },
    isTicking: () => stopped || ticksMs() < expectedBy,
    stop() {
      stopped = true;
      wake?.();
      return running;
    },
  };
}
