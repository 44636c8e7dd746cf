// Waiting for the world to become as it should, with a generous limit; no test waits for the clock itself.
import { setTimeout as sleep } from 'node:timers/promises';

/** Polls `probe` until it returns something; throws with `what` when that takes unreasonably long. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  limitMs = 120_000,
): Promise<T> {
  const limit = performance.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > limit) throw new Error(`it did not come about in ${limitMs / 1000} s: ${what}`);
    await sleep(50);
  }
}
