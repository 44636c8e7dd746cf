// Keeps a service manager informed: ready, how many portals are open, alive while every loop goes on.
import type { DaemonEvent } from '../../protocol/events.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import type { ServiceManager } from './service-manager.ts';
import { statusLine } from './status-line.ts';

export interface AttendParts {
  readonly manager: ServiceManager;
  readonly feed: { listen(listener: (event: DaemonEvent) => void): () => void };
  readonly portals: () => readonly PortalView[];
  readonly isTicking: () => boolean;
}

export interface Attendance {
  /** Does `work`, of which the manager is told that it goes on. */
  reload(work: () => Promise<void>): void;
  /** Nothing is told any more but that the end has begun. */
  stopping(): void;
}

/** Tells that the service is ready, and goes on telling until `stopping`. */
export function attend({ manager, feed, portals, isTicking }: AttendParts): Attendance {
  const states = new Map(portals().map(({ name, state }) => [name, state]));
  const line = (): string => statusLine([...states.values()]);
  manager.ready(line());
  const leave = feed.listen((event) => {
    if (event.type !== 'portal' || states.get(event.portal.name) === event.portal.state) return;
    states.set(event.portal.name, event.portal.state);
    manager.status(line());
  });
  const { watchdogMs } = manager;
  const feeding =
    watchdogMs === undefined
      ? undefined
      : setInterval(() => {
          if (isTicking()) manager.alive();
        }, watchdogMs / 3);
  let isEnding = false;
  return {
    reload(work) {
      manager.reloading();
      void work().finally(() => {
        if (!isEnding) manager.ready(line());
      });
    },
    stopping() {
      isEnding = true;
      leave();
      clearInterval(feeding);
      manager.stopping();
    },
  };
}
