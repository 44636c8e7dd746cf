// One connection's subscription to the daemon's events: a snapshot, then every event, never buffered without bound.
import { applicationErrorCode, PortalError } from '../../protocol/errors.ts';
import { type DaemonEvent, eventNotification } from '../../protocol/events.ts';
import type { EventFeed } from './handlers.ts';
import type { Peer } from './peer.ts';

export interface Subscription {
  /** Sends the snapshot and begins; returns the snapshot's sequence. Throws PortalError when begun already. */
  start(): number;
  /** Ends it; harmless when it never began. */
  stop(): void;
}

/** Makes the subscription of one connection; a client with more than `maximumUnsentBytes` unread is cut. */
export function createSubscription(feed: EventFeed, peer: Peer, maximumUnsentBytes: number): Subscription {
  let unlisten: (() => void) | undefined;
  const stop = (): void => {
    unlisten?.();
    unlisten = undefined;
  };
  const deliver = (event: DaemonEvent): void => {
    peer.send({ jsonrpc: '2.0', method: eventNotification, params: event });
  };
  return {
    start() {
      if (unlisten !== undefined) {
        throw new PortalError('invalid-message', 'this connection is already subscribed to the events');
      }
      const sequence = feed.sequence();
      const before = peer.unsentBytes();
      deliver({ type: 'snapshot', sequence, portals: feed.portals() });
      // A large snapshot alone must not cut a client that has had no chance to read it.
      const limit = maximumUnsentBytes + Math.max(0, peer.unsentBytes() - before);
      unlisten = feed.listen((event) => {
        if (peer.unsentBytes() <= limit) {
          deliver(event);
          return;
        }
        stop();
        const error = new PortalError('slow-subscriber', 'the events were not read fast enough', {
          hint: 'connect and subscribe again; the snapshot brings what was missed',
        });
        peer.end({
          jsonrpc: '2.0',
          id: null,
          error: { code: applicationErrorCode, message: error.message, data: error.toData() },
        });
      });
      return sequence;
    },
    stop,
  };
}
