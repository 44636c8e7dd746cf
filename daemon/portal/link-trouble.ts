// An instance that does not let portald in: nothing to speak of while it boots, a problem after that.
import type { LinkStatus } from './gateways.ts';

/** How long an instance may boot before its silence is worth a word. */
const bootMs = 60_000;

/** Whether people are to be told that there is no connection, and why. */
export function isWorthTelling(link: LinkStatus, wasConnected: boolean, now: number): boolean {
  if (link.state === 'connected' || link.difficulty === undefined) return false;
  return wasConnected || now - link.since > bootMs;
}

export interface LinkTrouble {
  /** What to say of this link now: each of its difficulties once until it is connected again. */
  news(generation: number, link: LinkStatus, now: number): string | undefined;
}

export function createLinkTrouble(): LinkTrouble {
  const told = new Map<number, Set<string>>();
  return {
    news(generation, link, now) {
      if (link.state === 'connected') told.delete(generation);
      const { message, hint } = link.difficulty ?? {};
      if (message === undefined || !isWorthTelling(link, false, now)) return undefined;
      const known = told.get(generation) ?? new Set();
      told.set(generation, known);
      if (known.has(message)) return undefined;
      known.add(message);
      return hint === undefined ? message : `${message} (${hint})`;
    },
  };
}
