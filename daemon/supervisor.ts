// All portals of this daemon: accepts wishes, starts their loops, ends them with the daemon.
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { PortalError } from '../protocol/errors.ts';
import type { AwsIdentity, MethodParameters, MethodResults } from '../protocol/methods.ts';
import type { PortalView } from '../protocol/portal-view.ts';
import { readRegularFile } from '../protocol/regular-file.ts';
import { unknownPortal } from '../protocol/unknown-portal.ts';
import type { EventFeed } from './event-feed.ts';
import { type Examiner, locatedFindings, refuseFindings, refuseOverlaps } from './examine-specification.ts';
import type { AwsPlace } from './portal/cloud.ts';
import type { PortalParts } from './portal/context.ts';
import { type Portal, startPortal } from './portal/portal.ts';
import { type PortalRecord, recordVersion } from './portal/record.ts';
import { launchSpecification } from './portal/reload.ts';
import {
  isToStay,
  refuseClosed,
  refuseLasting,
  refuseOtherAccount,
  refuseUnknownChannel,
} from './refusals.ts';
import { createReservations } from './reservations.ts';

export interface SupervisorParts {
  readonly portal: PortalParts;
  readonly feed: EventFeed;
  readonly examiner: Examiner;
  readonly identity: () => Promise<AwsIdentity>;
  /** Records that could not be read. */
  readonly setAside: readonly { readonly portal: string; readonly file: string }[];
}

export interface Supervisor {
  open(
    request: MethodParameters['portal.open'],
    context: { signal: AbortSignal; progress(message: string): void },
  ): Promise<MethodResults['portal.open']>;
  /** Looks for what would go wrong with an opening; changes nothing. */
  check(
    request: MethodParameters['specification.check'],
    context: { signal: AbortSignal; progress(message: string): void },
  ): Promise<MethodResults['specification.check']>;
  /** Takes up what the file of an open portal says now. */
  reload(
    request: MethodParameters['portal.reload'],
    context: { signal: AbortSignal; progress(message: string): void },
  ): Promise<MethodResults['portal.reload']>;
  /** Whether the file of an open portal says something else than what it was opened or reloaded with. */
  isEdited(name: string): Promise<boolean>;
  close(request: MethodParameters['portal.close']): Promise<PortalView>;
  view(name: string): PortalView;
  explain(name: string): MethodResults['portal.explain'];
  list(): readonly PortalView[];
  synchroniseChannels(
    request: MethodParameters['channel.synchronise'],
    context: { signal: AbortSignal },
  ): Promise<PortalView>;
  pauseChannels(request: MethodParameters['channel.pause'], isPaused: boolean): Promise<PortalView>;
  /** The portal, not closed or just being opened, that has the volume. */
  portalOf(volumeId: string): string | undefined;
  /** Grows the file system of a volume that the portal has mounted; resolves to its type. Rejects with `ssh` or `mount`. */
  growFileSystem(name: string, volumeId: string, sizeGiB: number): Promise<string>;
  /** Flushes the file systems of the portal's instance. Rejects with `ssh` or `mount`. */
  flushVolumes(name: string): Promise<void>;
  /** The records as they are on disk, closed portals too. */
  records(): readonly PortalRecord[];
  /** Of all portals, closed ones too. */
  identityFiles(): readonly string[];
  /** Whether every portal's loop goes on. */
  isTicking(): boolean;
  /** Ends every loop, and waits for openings that are being written down; machines and records stay. */
  end(): Promise<void>;
}

/** Far above what portald accepts. A larger file cannot be opened, so it counts as not edited. */
const largestTextBytes = 1024 * 1024;

/** Starts the loops of all records that are not closed; the others are only remembered. */
export function startSupervisor(parts: SupervisorParts, records: readonly PortalRecord[]): Supervisor {
  const { feed, examiner } = parts;
  const { now, save, randomId } = parts.portal;
  const portals = new Map<string, Portal>();
  let isEnding = false;

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
  const reservations = createReservations(() => recordsNow().filter((one) => one.closedAt === undefined));
  const find = (name: string): Portal => {
    const portal = portals.get(name);
    if (portal !== undefined) return portal;
    const damaged = parts.setAside.find((one) => one.portal === name && existsSync(one.file));
    if (damaged === undefined) throw unknownPortal(name, [...portals.keys()]);
    throw new PortalError('unknown-portal', `the record of ${name} could not be read: ${damaged.file}`, {
      hint: 'its machine may go on: portalctl orphans shows what there is of it, and removes it',
    });
  };

  /** Who asks EC2 for whom; throws `account-mismatch`. */
  const placeFor = async (
    client: MethodParameters['portal.open']['environment'],
    progress: (message: string) => void,
  ): Promise<AwsPlace> => {
    progress('asking AWS who we are');
    const identity = await parts.identity();
    refuseOtherAccount(client ?? {}, identity);
    const { account, region } = identity;
    return { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
  };

  return {
    async open(request, context) {
      const { name, path } = request;
      const read = await examiner.read(request);
      const { specification } = read;
      const already = portals.get(name);
      if (already !== undefined && isToStay(already.record(), path)) {
        const differs = !isDeepStrictEqual(launchSpecification(already.record()), specification);
        return { portal: already.view(), ...(differs && { differs }) };
      }
      const reservation = reservations.reserve(name, read);
      try {
        const key = await examiner.lookHere(read);
        for (const one of examiner.warnings(read)) context.progress(`warning: ${one}`);
        const place = await placeFor(request.environment, context.progress);
        const { findings, rootDevice } = await examiner.lookThere(specification, key, context);
        refuseFindings(findings, read);
        for (const { level, message } of findings)
          if (level === 'problem') context.progress(`problem: ${message}`);
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
          pools: [],
          ...(rootDevice !== undefined && { rootDevice }),
        };
        await portals.get(name)?.end();
        await save(record);
        // Nothing would end its loop any more. The next portald finds the record, and opens the portal.
        if (isEnding) throw new PortalError('cancelled', `portald ends; the next one opens ${name}`);
        return { portal: start(record).view() };
      } finally {
        reservation.release();
      }
    },
    async check(request, context) {
      const read = await examiner.read(request);
      refuseOverlaps(
        read,
        reservations.holders().filter((one) => one.specificationPath !== request.path),
      );
      const key = await examiner.lookHere(read);
      await placeFor(request.environment, context.progress);
      const { findings } = await examiner.lookThereThoroughly(read.specification, key, context);
      const isOpen = recordsNow().some(
        (one) => one.specificationPath === request.path && one.closedAt === undefined,
      );
      // The volumes of a portal that is open are in use, by its own machine.
      const own = isOpen ? findings.filter((one) => one.kind !== 'volume') : findings;
      return { findings: locatedFindings(own, read) };
    },
    async reload(request, context) {
      const { name, path, text } = request;
      const portal = find(name);
      refuseClosed(portal.record());
      isToStay(portal.record(), path);
      const read = await examiner.read(request);
      refuseLasting(portal.record(), read.specification);
      const reservation = reservations.reserve(name, read);
      try {
        const key = await examiner.lookHere(read);
        for (const one of examiner.warnings(read)) context.progress(`warning: ${one}`);
        await placeFor(request.environment, context.progress);
        const { findings, rootDevice } = await examiner.lookThere(read.specification, key, context);
        const others = findings.filter((one) => one.kind !== 'volume');
        refuseFindings(others, read);
        for (const { level, message } of others)
          if (level === 'problem') context.progress(`problem: ${message}`);
        context.signal.throwIfAborted();
        refuseClosed(portal.record());
        await portal.reload(text, read.specification, rootDevice);
        return { portal: portal.view() };
      } finally {
        reservation.release();
      }
    },
    async isEdited(name) {
      const { specificationPath, specificationText, closedAt } = find(name).record();
      if (closedAt !== undefined) return false;
      const read = readRegularFile(specificationPath, largestTextBytes);
      const text = await read.then(({ bytes }) => bytes.toString()).catch(() => specificationText);
      return text !== specificationText;
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
    portalOf: (volumeId) =>
      reservations
        .holders()
        .find((one) => one.specification.persistent_volumes.some((each) => each.volume_id === volumeId))
        ?.name,
    growFileSystem: async (name, volumeId, sizeGiB) => find(name).growFileSystem(volumeId, sizeGiB),
    flushVolumes: async (name) => find(name).flushVolumes(),
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
    identityFiles: () => recordsNow().map(({ specification }) => specification.spot_instance.identity_file),
    isTicking: () => [...portals.values()].every((portal) => portal.isTicking()),
    async end() {
      isEnding = true;
      await Promise.all([reservations.settled(), ...[...portals.values()].map((portal) => portal.end())]);
    },
  };
}
