// How things stand, in one line for a service manager.
import type { PortalState } from '../../protocol/portal-view.ts';

/** `2 portals open, 1 recovering`; closed ones are not told of. */
export function statusLine(states: readonly PortalState[]): string {
  const order: readonly PortalState[] = ['open', 'opening', 'recovering', 'closing', 'failed'];
  const counts = order
    .map((state) => ({ state, count: states.filter((one) => one === state).length }))
    .filter(({ count }) => count > 0);
  if (counts.length === 0) return 'no portals';
  return counts
    .map(({ state, count }, index) =>
      index === 0 ? `${count} ${count === 1 ? 'portal' : 'portals'} ${state}` : `${count} ${state}`,
    )
    .join(', ');
}
