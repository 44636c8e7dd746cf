// What `events.subscribe` delivers, as `event` notifications.
import type { PortalView } from './portal-view.ts';

/** One thing that happened, told in words. */
export interface Message {
  /** ISO 8601. */
  readonly at: string;
  readonly portal: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/**
 * First comes one `snapshot` (its sequence is where the deltas go on from); then `portal` whenever a view changed and
 * `message` whenever something happened. Sequences rise by one per event of the daemon: a gap means lost events.
 */
export type DaemonEvent =
  | { readonly type: 'snapshot'; readonly sequence: number; readonly portals: readonly PortalView[] }
  | { readonly type: 'portal'; readonly sequence: number; readonly portal: PortalView }
  | { readonly type: 'message'; readonly sequence: number; readonly message: Message };

/** Method name of the notification that carries a `DaemonEvent` as its params. */
export const eventNotification = 'event';
/** Notification from the daemon: `{ id, message }` of a request still under way. */
export const progressNotification = '$/progress';
/** Notification from the client: `{ id }` of a request whose result is no longer wanted. */
export const cancelNotification = '$/cancel';
