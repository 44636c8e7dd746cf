// Waiting for what another program brings about, with a clock.
import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  readonly signal: AbortSignal;
  /** When it began; now, unless said. */
  readonly since?: number;
  /** Given up after so long. */
  readonly lostMs?: number;
  readonly everyMs?: number;
}

/** Milliseconds until `look` is true; infinite when that does not happen. */
export async function until(
  look: () => boolean,
  { signal, since = performance.now(), lostMs = 20_000, everyMs = 1 }: UntilOptions,
): Promise<number> {
  for (;;) {
    // What `look` finds is as old as its beginning.
    const lookedAt = performance.now();
    if (look()) return lookedAt - since;
    if (lookedAt - since > lostMs) return Number.POSITIVE_INFINITY;
    await sleep(everyMs, undefined, { signal });
  }
}
