// The daemon's events in one order: portals publish, clients listen.
import type { DaemonEvent, Message } from '../protocol/events.ts';
import type { PortalView } from '../protocol/portal-view.ts';

export interface EventFeed {
  sequence(): number;
  listen(listener: (event: DaemonEvent) => void): () => void;
  portalChanged(portal: PortalView): void;
  said(message: Message): void;
}

export function createEventFeed(): EventFeed {
  const listeners = new Set<(event: DaemonEvent) => void>();
  let sequence = 0;
  const publish = (event: DaemonEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return {
    sequence: () => sequence,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    portalChanged: (portal) => publish({ type: 'portal', sequence: ++sequence, portal }),
    said: (message) => publish({ type: 'message', sequence: ++sequence, message }),
  };
}
