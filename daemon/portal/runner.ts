// The engine under a portal's loop. Invariants: one turn at a time; a kick during a turn causes another one at once;
// many kicks cause one; after `stop` no turn begins, and `stop` resolves when the last has ended.

export interface Runner {
  /** Asks for a turn soon. */
  kick(): void;
  stop(): Promise<void>;
}

/** Runs `turn`, which returns after how many milliseconds it wants to run again (0: at once). It must not throw. */
export function startRunner(turn: () => Promise<number>): Runner {
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
      const againMs = await turn();
      // A turn that wants another at once still lets the rest of the process have its turn.
      if (!kicked && !stopped) await pause(againMs);
    }
  };
  const running = run();

  return {
    kick() {
      kicked = true;
      wake?.();
    },
    stop() {
      stopped = true;
      wake?.();
      return running;
    },
  };
}
