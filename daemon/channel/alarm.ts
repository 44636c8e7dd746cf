// A sleeper that can be woken, also just before it goes to sleep.

export interface Alarm {
  wake(): void;
  /** Resolves when woken, or after `ms` (never, if undefined). One sleeper at a time. */
  sleep(ms: number | undefined): Promise<void>;
}

/** Longest time of a timer; longer ones would end at once. */
const longestMs = 2 ** 31 - 1;

/** Makes an alarm. Its timer ends with the sleep. */
export function createAlarm(): Alarm {
  let isRung = false;
  let ring: (() => void) | undefined;
  return {
    wake() {
      isRung = true;
      ring?.();
    },
    async sleep(ms) {
      if (!isRung) {
        const { promise, resolve } = Promise.withResolvers<void>();
        ring = resolve;
        const timer = ms === undefined ? undefined : setTimeout(resolve, Math.min(ms, longestMs));
        await promise;
        clearTimeout(timer);
        ring = undefined;
      }
      isRung = false;
    },
  };
}
