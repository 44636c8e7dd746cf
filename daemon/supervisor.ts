// All portals of this daemon: accepts wishes, starts their loops, ends them with the daemon.
import { isDeepStrictEqual } from 'node:util';
import { PortalError, type Problem } from '../protocol/errors.ts';
import { byPlace } from '../protocol/located-yaml.ts';
import type { AwsIdentity, MethodParameters, MethodResults } from '../protocol/methods.ts';
import type { PortalView } from '../protocol/portal-view.ts';
import { overlappingChannels } from '../protocol/specification/channel-overlap.ts';
import type { ParsedSpecification } from '../protocol/specification/parse.ts';
import type { Specification } from '../protocol/specification/schema.ts';
import { unknownPortal } from '../protocol/unknown-portal.ts';
import type { Mistake } from '../protocol/validate.ts';
import type { Preflight } from './ec2/preflight.ts';
import type { EventFeed } from './event-feed.ts';
import { lookAtLocal } from './local-mistakes.ts';
import type { PortalParts } from './portal/context.ts';
import { type Portal, startPortal } from './portal/portal.ts';
import { type PortalRecord, recordVersion } from './portal/record.ts';
import {
  isToStay,
  refuseClosed,
  refuseOtherAccount,
  refuseSharedVolumes,
  refuseUnknownChannel,
} from './refusals.ts';
import { resolvePaths } from './resolve-specification.ts';

export interface SupervisorParts {
  readonly portal: PortalParts;
  readonly feed: EventFeed;
  readonly parse: (text: string) => ParsedSpecification;
  readonly preflight: Preflight;
  readonly readIdentity: (path: string) => Promise<{ publicKey: string }>;
  readonly identity: () => Promise<AwsIdentity>;
  readonly home: string;
}

export interface Supervisor {
  open(
    request: MethodParameters['portal.open'],
    context: { signal: AbortSignal; progress(message: string): void },
  ): Promise<MethodResults['portal.open']>;
  close(request: MethodParameters['portal.close']): Promise<PortalView>;
  view(name: string): PortalView;
  explain(name: string): MethodResults['portal.explain'];
  list(): readonly PortalView[];
  synchroniseChannels(
    request: MethodParameters['channel.synchronise'],
    context: { signal: AbortSignal },
  ): Promise<PortalView>;
  pauseChannels(request: MethodParameters['channel.pause'], isPaused: boolean): Promise<PortalView>;
  /** The records as they are on disk, closed portals too. */
  records(): readonly PortalRecord[];
  /** Ends every loop; machines and records stay. */
  end(): Promise<void>;
}

/** Starts the loops of all records that are not closed; the others are only remembered. */
export function startSupervisor(parts: SupervisorParts, records: readonly PortalRecord[]): Supervisor {
  const { feed, preflight } = parts;
  const { now, save, randomId } = parts.portal;
  const portals = new Map<string, Portal>();
  const opening = new Set<string>();

  const start = (record: PortalRecord): Portal => {
    const portal = startPortal(record, parts.portal, {
      changed: (view) => feed.portalChanged(view),
      said: (message) => feed.said(message),
    });
    portals.set(record.name, portal);
    return portal;
  };
  for (const record of records) start(record);

  const recordsNow = (): PortalRecord[] => [...portals.values()].map((portal) => portal.record());
  const find = (name: string): Portal => {
    const portal = portals.get(name);
    if (portal !== undefined) return portal;
    throw unknownPortal(name, [...portals.keys()]);
  };

  const parsed = (request: MethodParameters['portal.open']): CheckedSpecification => {
    const read = parts.parse(request.text);
    if ('problems' in read) throw invalid(request.path, read.problems);
    const specification = resolvePaths(read.specification, request.path, parts.home);
    const overlaps = overlappingChannels(specification);
    if (overlaps.length > 0) throw invalid(request.path, overlaps.map(read.locate).toSorted(byPlace));
    return { specification, locate: read.locate };
  };

  return {
    async open(request, context) {
      const { name, path } = request;
      const { specification, locate } = parsed(request);
      const already = portals.get(name);
      if (already !== undefined && isToStay(already.record(), path)) {
        const differs = !isDeepStrictEqual(already.record().specification, specification);
        return { portal: already.view(), ...(differs && { differs }) };
      }
      refuseSharedVolumes(name, specification, recordsNow());
      if (opening.has(name)) {
        throw new PortalError('portal-conflict', `portal ${name} is just being opened by another request`, {
          hint: `portalctl status ${name}`,
        });
      }
      opening.add(name);
      try {
        const local = await lookAtLocal(specification, parts.readIdentity);
        if ('mistakes' in local) throw invalid(path, local.mistakes.map(locate).toSorted(byPlace));
        const { identity } = local;
        context.progress('asking AWS who we are');
        const identityOfDaemon = await parts.identity();
        const { account, region } = identityOfDaemon;
        const place = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
        refuseOtherAccount(request.environment ?? {}, identityOfDaemon);
        const { rootDevice } = await preflight(specification, identity, context);
        context.signal.throwIfAborted();
        refuseSharedVolumes(name, specification, recordsNow());
        const record: PortalRecord = {
          version: recordVersion,
          name,
          place,
          specificationPath: path,
          specificationText: request.text,
          specification,
          wish: 'open',
          wishedAt: now(),
          opening: randomId(),
          openedAt: now(),
          nextGeneration: 1,
          generations: [],
          holder: 0,
          everOpen: false,
          unavailable: [],
          ...(rootDevice !== undefined && { rootDevice }),
        };
        await portals.get(name)?.end();
        await save(record);
        return { portal: start(record).view() };
      } finally {
        opening.delete(name);
      }
    },
    async close({ name, path }) {
      const portal = find(name);
      const { specificationPath } = portal.record();
      if (path !== undefined && path !== specificationPath) {
        throw new PortalError(
          'portal-conflict',
          `portal ${name} was opened from ${specificationPath}, not from ${path}`,
          {
            hint: `if that is the one you mean: portalctl close ${name}`,
          },
        );
      }
      await portal.close();
      return portal.view();
    },
    async synchroniseChannels({ name, index }, { signal }) {
      const portal = find(name);
      refuseUnknownChannel(portal.record(), index);
      await portal.synchronise(index, signal);
      return portal.view();
    },
    async pauseChannels({ name, index }, isPaused) {
      const portal = find(name);
      refuseUnknownChannel(portal.record(), index);
      refuseClosed(portal.record());
      await portal.setPaused(index, isPaused);
      return portal.view();
    },
    view: (name) => find(name).view(),
    explain(name) {
      const portal = find(name);
      return { portal: portal.view(), history: portal.history() };
    },
    list: () =>
      [...portals.values()]
        .map((portal) => portal.view())
        .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    records: recordsNow,
    async end() {
      await Promise.all([...portals.values()].map((portal) => portal.end()));
    },
  };
}

interface CheckedSpecification {
  readonly specification: Specification;
  readonly locate: (mistake: Mistake) => Problem;
}

function invalid(path: string, problems: readonly Problem[]): PortalError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new PortalError('specification-invalid', `${path} has ${count}`, {
    problems,
    hint: 'correct the file; nothing was changed',
  });
}
