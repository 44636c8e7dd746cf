// Waiting for a condition, as every test here does instead of sleeping.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with the first value of `look` that is neither undefined nor false; fails after a generous time. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) assert.fail(`did not happen in ${timeoutMs / 1000} s: ${what}`);
    await sleep(20);
  }
}
