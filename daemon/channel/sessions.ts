// How many waiting sessions one shared SSH connection may have. sshd allows ten by default; past them OpenSSH silently
// makes connections of its own. The shared connection itself needs one, and passes need some.

export interface Sessions {
  /** Takes one on the connection to `destination`, if it has one left. */
  take(destination: string): boolean;
  giveBack(destination: string): void;
}

export function createSessions(limit: number): Sessions {
  const taken = new Map<string, number>();
  return {
    take(destination) {
      const count = taken.get(destination) ?? 0;
      if (count >= limit) return false;
      taken.set(destination, count + 1);
      return true;
    },
    giveBack(destination) {
      const count = (taken.get(destination) ?? 0) - 1;
      if (count > 0) taken.set(destination, count);
      else taken.delete(destination);
    },
  };
}
