// The short way of a save: keeps pairs armed for one channel over one transport, and sends the files that changed by one
// of them. It never deletes, and what it cannot do is left to a pass; so it may always give up.
import { type ExpressParts, keepArmed, type Slot } from './keep-armed.ts';

export interface Express {
  /** Whether a batch can be sent now. */
  isArmed(): boolean;
  /** Sends these files, relative to the source; resolves to whether they have arrived. Never rejects. */
  send(names: readonly string[]): Promise<boolean>;
  /** Ends every pair; a batch under way has a short time for it. Resolves once nothing of it runs. */
  close(): Promise<void>;
}

/** One is sent while the next is armed. */
const pairs = 2;

/** Starts arming. */
export function createExpress(parts: ExpressParts): Express {
  const slots: readonly Slot[] = Array.from({ length: pairs }, () => keepArmed(parts));
  const armed = (): Slot | undefined => slots.find((slot) => slot.isArmed());
  return {
    isArmed: () => armed() !== undefined,
    async send(names) {
      const problem = (await armed()?.send(names)) ?? 'none is armed';
      if (problem === 'applied') return true;
      parts.log.debug({ problem, files: names.length }, 'a batch was not applied');
      return false;
    },
    async close() {
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}
