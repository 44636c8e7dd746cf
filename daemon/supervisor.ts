// All portals of this daemon: accepts wishes, starts their loops, ends them with the daemon.
import { PortalError } from '../protocol/errors.ts';
import type { AwsIdentity, MethodParameters } from '../protocol/methods.ts';
import type { PortalView } from '../protocol/portal-view.ts';
import type { ParsedSpecification } from '../protocol/specification/parse.ts';
import type { Specification } from '../protocol/specification/schema.ts';
import type { Preflight } from './ec2/preflight.ts';
import type { EventFeed } from './event-feed.ts';
import type { PortalParts } from './portal/context.ts';
import { type Portal, startPortal } from './portal/portal.ts';
import { type PortalRecord, recordVersion } from './portal/record.ts';
import { checkLocalPaths, resolvePaths } from './resolve-specification.ts';

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
  ): Promise<PortalView>;
  close(name: string): Promise<PortalView>;
  view(name: string): PortalView;
  list(): readonly PortalView[];
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

  const find = (name: string): Portal => {
    const portal = portals.get(name);
    if (portal !== undefined) return portal;
    throw new PortalError('unknown-portal', `there is no portal ${name}`, {
      hint: 'portalctl list shows the portals that portald knows',
    });
  };

  /** The portal of that name, if it is to stay as it is; undefined if a new opening may begin. */
  const alreadyOpen = (name: string, path: string): Portal | undefined => {
    const portal = portals.get(name);
    if (portal === undefined || portal.record().closedAt !== undefined) return undefined;
    const record = portal.record();
    if (record.specificationPath !== path) {
      throw new PortalError('portal-conflict', `portal ${name} is open from ${record.specificationPath}`, {
        hint: `close it first (portalctl close ${name}), or give the other file another name`,
      });
    }
    if (record.wish === 'closed') {
      throw new PortalError('portal-conflict', `portal ${name} is being closed`, {
        hint: `wait until it is closed: portalctl close ${name}`,
      });
    }
    return portal;
  };

  const checked = (request: MethodParameters['portal.open']): Specification => {
    const parsed = parts.parse(request.text);
    if ('specification' in parsed) return resolvePaths(parsed.specification, request.path, parts.home);
    const count = parsed.problems.length;
    throw new PortalError(
      'specification-invalid',
      `${request.path} has ${count === 1 ? 'a mistake' : `${count} mistakes`}`,
      { problems: parsed.problems, hint: 'correct the file; nothing was changed' },
    );
  };

  return {
    async open(request, context) {
      const { name, path } = request;
      const specification = checked(request);
      const already = alreadyOpen(name, path);
      if (already !== undefined) return already.view();
      if (opening.has(name)) {
        throw new PortalError('portal-conflict', `portal ${name} is just being opened by another request`, {
          hint: `portalctl status ${name}`,
        });
      }
      opening.add(name);
      try {
        const identity = await parts.readIdentity(specification.spot_instance.identity_file);
        await checkLocalPaths(specification.channels);
        context.progress('asking AWS who we are');
        const identityOfDaemon = await parts.identity();
        const { account, region } = identityOfDaemon;
        const place = { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
        refuseOtherAccount(request.environment ?? {}, identityOfDaemon);
        const { rootDevice } = await preflight(specification, identity, {
          ownInstances: new Set(),
          signal: context.signal,
          progress: context.progress,
        });
        context.signal.throwIfAborted();
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
        await save(record);
        await portals.get(name)?.end();
        return start(record).view();
      } finally {
        opening.delete(name);
      }
    },
    async close(name) {
      const portal = find(name);
      await portal.close();
      return portal.view();
    },
    view: (name) => find(name).view(),
    list: () =>
      [...portals.values()]
        .map((portal) => portal.view())
        .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    records: () => [...portals.values()].map((portal) => portal.record()),
    async end() {
      await Promise.all([...portals.values()].map((portal) => portal.end()));
    },
  };
}

/** The client's own environment may name another account than the daemon's: then nothing is launched by mistake. */
function refuseOtherAccount(
  client: NonNullable<MethodParameters['portal.open']['environment']>,
  daemon: AwsIdentity,
): void {
  const differing = (
    [
      ['AWS profile', named(client.profile), named(daemon.profile)],
      ['Region', client.region, daemon.region],
      [
        'access key',
        client.accessKeyId,
        client.profile === undefined ? daemon.accessKeyId : client.accessKeyId,
      ],
    ] as const
  ).find(([, theirs, ours]) => theirs !== undefined && theirs !== '' && theirs !== ours);
  if (differing === undefined) return;
  const [what, theirs, ours] = differing;
  throw new PortalError(
    'account-mismatch',
    `your environment names the ${what} ${theirs}; portald works with ${ours ?? 'none'}`,
    { hint: `start portald with that ${what}, or unset it here` },
  );
}

/** The profile `default` is the one that is used when none is named. */
function named(profile: string | undefined): string | undefined {
  return profile === 'default' ? undefined : profile;
}
