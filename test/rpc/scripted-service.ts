// The test's own portals: a small service and event feed behind the real server, which the test steers.

import type { EventFeed, PortalService } from '../../daemon/rpc/handlers.ts';
import type { Log } from '../../daemon/rpc/log.ts';
import { PortalError } from '../../protocol/errors.ts';
import type { DaemonEvent, Message } from '../../protocol/events.ts';
import type { FindingView } from '../../protocol/finding.ts';
import type { ImageView } from '../../protocol/image-view.ts';
import type { AwsIdentity, MethodResults } from '../../protocol/methods.ts';
import type { Offers } from '../../protocol/offers.ts';
import type { OrphanView } from '../../protocol/orphan-view.ts';
import type { Happening } from '../../protocol/portal-history.ts';
import type { PortalState, PortalView } from '../../protocol/portal-view.ts';
import type { PriceHistory } from '../../protocol/price-history.ts';
import { unknownPortal } from '../../protocol/unknown-portal.ts';
import { type ScriptedVolumes, scriptedVolumes } from './scripted-volumes.ts';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A log that keeps its error entries. */
export function keepingLog(): Log & { readonly errors: { fields: object; message: string }[] } {
  const errors: { fields: object; message: string }[] = [];
  return { ...silentLog, errors, error: (fields, message) => void errors.push({ fields, message }) };
}

/** A view of a portal named `name`. */
export function portalView(name: string, state: PortalState, more: Partial<PortalView> = {}): PortalView {
  return {
    name,
    state,
    step: { what: `step of ${state}`, since: '2026-11-01T10:00:00.000Z', reason: 'the test says so' },
    specificationPath: `/specifications/${name}.yaml`,
    user: 'ubuntu',
    ssh: { port: 22, identityFile: '/home/me/.ssh/laptop.pem' },
    openedAt: '2026-11-01T09:00:00.000Z',
    generation: 1,
    volumes: [],
    channels: [],
    ...more,
  };
}

export interface ScriptedDaemon {
  readonly service: PortalService;
  readonly volumes: ScriptedVolumes;
  readonly feed: EventFeed;
  /** How the service answers `open` and `close`; to be replaced by a test. */
  onOpen: (...request: Parameters<PortalService['open']>) => Promise<PortalView>;
  /** Whether the next opening finds another text than that of the open portal. */
  differs: boolean;
  /** The path that came with the last `close`. */
  closedPath: string | undefined;
  onClose: (name: string) => Promise<PortalView>;
  aws: AwsIdentity;
  /** What the service tells as orphans; those removed leave it. */
  orphans: readonly OrphanView[];
  /** What the service tells of every portal's past. */
  history: readonly Happening[];
  /** What the service tells that the account has. */
  offers: Offers;
  /** What the service tells as prices of whatever is asked for. */
  prices: PriceHistory;
  images: readonly ImageView[];
  diagnosis: MethodResults['daemon.diagnose'];
  /** What the service finds about any specification. */
  findings: readonly FindingView[];
  /** What the service tells as the path of its log. */
  logFile: string;
  listeners(): number;
  /** Sets a portal's view and tells the listeners. */
  show(view: PortalView): PortalView;
  /** Tells the listeners what happened. */
  say(portal: string, text: string, level?: Message['level']): void;
}

/** Makes a daemon without portals. */
export function scriptedDaemon(): ScriptedDaemon {
  const views = new Map<string, PortalView>();
  const listeners = new Set<(event: DaemonEvent) => void>();
  let sequence = 0;
  const emit = (event: DaemonEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const view = (name: string): PortalView => {
    const found = views.get(name);
    if (found === undefined) throw unknownPortal(name, [...views.keys()]);
    return found;
  };
  const daemon: ScriptedDaemon = {
    aws: { profile: 'work', region: 'eu-west-1', accessKeyId: 'AKIAEXAMPLE', account: '123456789012' },
    volumes: scriptedVolumes(),
    orphans: [],
    history: [],
    findings: [],
    images: [],
    diagnosis: { checks: [], stateFolder: '/state' },
    prices: { from: '', to: '', types: [], zones: [], series: [] },
    offers: {
      zones: [],
      keyPairs: [],
      securityGroups: [],
      subnets: [],
      volumes: [],
      images: [],
    },
    differs: false,
    closedPath: undefined,
    logFile: '/state/portald.log',
    onOpen: ({ name }) => Promise.resolve(daemon.show(portalView(name, 'opening'))),
    onClose: (name) => Promise.resolve(daemon.show(portalView(name, 'closing'))),
    listeners: () => listeners.size,
    show(next) {
      views.set(next.name, next);
      emit({ type: 'portal', sequence: ++sequence, portal: next });
      return next;
    },
    say(portal, text, level = 'info') {
      const message: Message = { at: '2026-11-01T10:00:01.000Z', portal, level, text };
      emit({ type: 'message', sequence: ++sequence, message });
    },
    feed: {
      sequence: () => sequence,
      portals: () => [...views.values()],
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    service: {
      async open(request, context) {
        const portal = await daemon.onOpen(request, context);
        return daemon.differs ? { portal, differs: true } : { portal };
      },
      offers: () => Promise.resolve(daemon.offers),
      reload: ({ name }) => Promise.resolve({ portal: view(name) }),
      isEdited: () => Promise.resolve(daemon.differs),
      diagnose: () => Promise.resolve(daemon.diagnosis),
      searchImages: () => Promise.resolve({ images: daemon.images, isCut: false }),
      prices: () => Promise.resolve(daemon.prices),
      check: () => Promise.resolve({ findings: daemon.findings }),
      async close({ name, path }) {
        daemon.closedPath = path;
        view(name);
        return daemon.onClose(name);
      },
      view,
      explain: (name) => ({ portal: view(name), history: daemon.history }),
      list: () => [...views.values()],
      synchroniseChannels: async ({ name }) => view(name),
      pauseChannels: async ({ name, index }, isPaused) =>
        daemon.show({
          ...view(name),
          channels: view(name).channels.map((one) =>
            index === undefined || one.index === index
              ? { ...one, state: isPaused ? 'paused' : 'idle' }
              : one,
          ),
        }),
      status: (): Promise<MethodResults['daemon.status']> =>
        Promise.resolve({
          version: '0.0.1',
          pid: 4242,
          startedAt: '2026-11-01T08:00:00.000Z',
          stateFolder: '/state',
          logFile: daemon.logFile,
          aws: daemon.aws,
          setAside: [],
          portals: [...views.values()],
        }),
      identity: () => daemon.aws,
      orphans: () => Promise.resolve({ orphans: daemon.orphans }),
      async removeOrphans(ids) {
        const removed = daemon.orphans.filter(({ id }) => ids.includes(id));
        if (removed.length < ids.length) {
          throw new PortalError('not-found', `${ids.join(', ')}: not all of them are orphans`);
        }
        daemon.orphans = daemon.orphans.filter((one) => !removed.includes(one));
        return { removed, failed: [] };
      },
      now: Date.now,
    },
  };
  return daemon;
}
