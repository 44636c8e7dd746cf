// An instance that does not let portald in: nothing to speak of while it boots, a problem after that. And one whose metadata
// cannot be asked, which is one witness of an interruption less.
import type { Difficulty, LinkStatus } from './gateways.ts';

/** How long an instance may boot before its silence is worth a word. */
const bootMs = 60_000;
/** The metadata service may be silent for a moment. */
const metadataPatienceMs = 30_000;

/** Whether people are to be told that there is no connection, and why. */
export function isWorthTelling(link: LinkStatus, wasConnected: boolean, now: number): boolean {
  if (link.state === 'connected' || link.difficulty === undefined) return false;
  return wasConnected || now - link.since > bootMs;
}

/** The metadata problem to report; undefined if there is none. */
export function metadataTrouble(
  { state, metadataDifficulty: difficulty }: LinkStatus,
  now: number,
): Difficulty | undefined {
  if (state !== 'connected' || difficulty === undefined) return undefined;
  return now - difficulty.since > metadataPatienceMs ? difficulty : undefined;
}

export interface LinkTrouble {
  /** What to say of this link now: each of its difficulties once until it is over. */
  news(generation: number, link: LinkStatus, now: number): string | undefined;
}

export function createLinkTrouble(): LinkTrouble {
  const told = new Map<number, Set<string>>();
  return {
    news(generation, link, now) {
      const isOver = link.state === 'connected' && link.metadataDifficulty === undefined;
      if (isOver) told.delete(generation);
      const current = isWorthTelling(link, false, now) ? link.difficulty : metadataTrouble(link, now);
      if (current === undefined) return undefined;
      const { message, hint } = current;
      const known = told.get(generation) ?? new Set();
      told.set(generation, known);
      if (known.has(message)) return undefined;
      known.add(message);
      return hint === undefined ? message : `${message} (${hint})`;
    },
  };
}
