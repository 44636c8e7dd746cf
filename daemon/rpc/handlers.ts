// What each method of the contract does, over the services that the composition root passes in.
import { PortalError } from '../../protocol/errors.ts';
import type { DaemonEvent } from '../../protocol/events.ts';
import {
  type AwsIdentity,
  type MethodName,
  type MethodParameters,
  type MethodResults,
  methodNames,
  protocolVersion,
} from '../../protocol/methods.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import type { Method, RequestContext } from './dispatcher.ts';
import type { Log } from './log.ts';
import type { ParameterCheck } from './parameters.ts';
import type { VolumeService } from './volume-service.ts';

/** The portals, as clients may use them. Every method throws PortalError for what can be expected to go wrong. */
export interface PortalService {
  /**
   * Checks the specification and accepts the wish; resolves once it is on disk, not once the portal is open. The view
   * returned is of the accepted wish: its state is `opening`, or `open` or `recovering` if it was so before.
   */
  open(
    request: MethodParameters['portal.open'],
    context: RequestContext,
  ): Promise<MethodResults['portal.open']>;
  /** Takes up what the file of an open portal says now. */
  reload(
    request: MethodParameters['portal.reload'],
    context: RequestContext,
  ): Promise<MethodResults['portal.reload']>;
  /** Whether the file of an open portal says something else than what it was opened or reloaded with. */
  isEdited(name: string): Promise<boolean>;
  /** Looks for what would go wrong with an opening; changes nothing. */
  check(
    request: MethodParameters['specification.check'],
    context: RequestContext,
  ): Promise<MethodResults['specification.check']>;
  /** What the account has that a specification can name. */
  offers(instanceType: string, signal: AbortSignal): Promise<MethodResults['account.offers']>;
  /** Accepts the wish to close; the view's state is `closing`, or `closed` if it was so before. */
  close(request: MethodParameters['portal.close']): Promise<PortalView>;
  /** Throws PortalError `unknown-portal`. */
  view(name: string): PortalView;
  /** Throws PortalError `unknown-portal`. */
  explain(name: string): MethodResults['portal.explain'];
  list(): readonly PortalView[];
  /** Each throws PortalError `unknown-portal` or `usage`; synchronising `channel` or `portal-conflict`, too. */
  synchroniseChannels(
    request: MethodParameters['channel.synchronise'],
    context: RequestContext,
  ): Promise<PortalView>;
  pauseChannels(request: MethodParameters['channel.pause'], isPaused: boolean): Promise<PortalView>;
  status(): Promise<MethodResults['daemon.status']>;
  identity(): AwsIdentity;
  /** What AWS has of this installation that no record wants. */
  orphans(context: RequestContext): Promise<MethodResults['orphan.list']>;
  /** Throws PortalError `not-found`, and touches nothing, if one of the ids is not among the orphans. */
  removeOrphans(ids: readonly string[], context: RequestContext): Promise<MethodResults['orphan.remove']>;
  /** Spot prices; throws PortalError `unknown-portal` or `usage`. */
  prices(
    request: MethodParameters['price.history'],
    signal: AbortSignal,
  ): Promise<MethodResults['price.history']>;
  /** Throws PortalError `usage` when no word is long enough. */
  searchImages(
    request: MethodParameters['image.search'],
    signal: AbortSignal,
  ): Promise<MethodResults['image.search']>;
  /** Looks at portald, its credentials and what they allow; changes nothing. */
  diagnose(context: RequestContext): Promise<MethodResults['daemon.diagnose']>;
  /** The time that all views are told in, milliseconds. */
  now(): number;
}

/** The daemon's events. `listen` adds a listener and returns the function that removes it. */
export interface EventFeed {
  /** Sequence of the last event. */
  sequence(): number;
  portals(): readonly PortalView[];
  listen(listener: (event: DaemonEvent) => void): () => void;
}

export interface HandlerOptions {
  readonly service: PortalService;
  readonly volumes: VolumeService;
  readonly check: ParameterCheck;
  /** Starts this connection's subscription; returns the sequence of its snapshot. */
  subscribe(): number;
  /** The daemon's own version, for people. */
  readonly version: string;
  readonly log: Log;
}

type Handlers = {
  readonly [M in MethodName]: (
    params: MethodParameters[M],
    context: RequestContext,
  ) => MethodResults[M] | Promise<MethodResults[M]>;
};

/** The methods of one connection, each with its params checked. */
export function createMethods(options: HandlerOptions): Readonly<Record<string, Method>> {
  const { service, volumes, check, log, version } = options;
  const handlers: Handlers = {
    'daemon.hello': ({ versions, client }) => {
      if (client !== undefined) log.debug({ client }, 'client connected');
      return {
        version: commonVersion(versions, version),
        daemon: `portald ${version}`,
        now: new Date(service.now()).toISOString(),
        aws: service.identity(),
      };
    },
    'daemon.status': () => service.status(),
    'portal.open': (params, context) => service.open(params, context),
    'specification.check': (params, context) => service.check(params, context),
    'account.offers': ({ instanceType }, { signal }) => service.offers(instanceType, signal),
    'portal.close': async (params) => ({ portal: await service.close(params) }),
    'portal.status': async ({ name }) => ({
      portal: service.view(name),
      ...((await service.isEdited(name)) && { edited: true }),
    }),
    'portal.reload': (params, context) => service.reload(params, context),
    'portal.explain': ({ name }) => service.explain(name),
    'portal.list': () => ({ portals: service.list() }),
    'channel.synchronise': async (params, context) => ({
      portal: await service.synchroniseChannels(params, context),
    }),
    'channel.pause': async (params) => ({ portal: await service.pauseChannels(params, true) }),
    'channel.resume': async (params) => ({ portal: await service.pauseChannels(params, false) }),
    'orphan.list': (_params, context) => service.orphans(context),
    'orphan.remove': ({ ids }, context) => service.removeOrphans(ids, context),
    'volume.list': (params, context) => volumes.list(params, context),
    'volume.zones': (_params, context) => volumes.zones(context),
    'volume.create': (params, context) => volumes.create(params, context),
    'volume.update': (params, context) => volumes.update(params, context),
    'volume.delete': (params, context) => volumes.delete(params, context),
    'volume.snapshot': (params, context) => volumes.snapshot(params, context),
    'snapshot.list': (params, context) => volumes.listSnapshots(params, context),
    'price.history': (params, { signal }) => service.prices(params, signal),
    'image.search': (params, { signal }) => service.searchImages(params, signal),
    'daemon.diagnose': (_params, context) => service.diagnose(context),
    'events.subscribe': () => ({ sequence: options.subscribe() }),
  };
  // oxlint-disable typescript/no-unnecessary-type-parameters -- ties the params' type to the handler's
  const checked =
    <M extends MethodName>(name: M): Method =>
    (params, context) =>
      handlers[name](check(name, params), context);
  return Object.fromEntries(methodNames.map((name) => [name, checked(name)]));
}

function commonVersion(offered: readonly number[], daemonVersion: string): number {
  if (offered.includes(protocolVersion)) return protocolVersion;
  const isClientOlder = Math.max(...offered) < protocolVersion;
  throw new PortalError(
    'invalid-message',
    `portald ${daemonVersion} speaks version ${protocolVersion} of the protocol, the client ${offered.join(', ')}`,
    {
      hint: isClientOlder
        ? 'upgrade the client'
        : 'portalctl daemon restart, if the new portald is installed already; else upgrade portald',
    },
  );
}
