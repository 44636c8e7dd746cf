// How far a pass is that takes its time, as it is told to people.
import type { ChannelView } from '../../protocol/portal-view.ts';
import type { Transferring } from './rsync-progress.ts';

export interface Transfer {
  /** A pass begins; returns what is to hear how far it is. */
  begin(): (moved: Transferring) => void;
  end(): void;
  /** Undefined while nothing takes its time. */
  view(): ChannelView['transfer'];
}

/** It is told of when it takes so long, and so often. */
const tellMs = 900;

/** `changed` is called when there is something new to tell. */
export function createTransfer(now: () => number, changed: () => void): Transfer {
  let latest: (Transferring & { readonly tookMs: number }) | undefined;
  return {
    begin() {
      const begun = now();
      let toldAt = begun;
      return ({ bytes, percent }) => {
        if (now() - toldAt < tellMs) return;
        toldAt = now();
        latest = { bytes, percent, tookMs: Math.round(toldAt - begun) };
        changed();
      };
    },
    end() {
      latest = undefined;
    },
    view: () => latest,
  };
}
