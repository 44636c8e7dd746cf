// What happened to a portal, as `portal.explain` tells it.
import type { Message } from './events.ts';
import type { PortalState } from './portal-view.ts';

/** Told in words; with `state` when the portal came into another state by it. */
export interface Happening extends Omit<Message, 'portal'> {
  readonly state?: PortalState;
}
