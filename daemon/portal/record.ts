// What the daemon keeps on disk about a portal. The loop needs nothing else to go on after any restart.
import type { ErrorKind } from '../../protocol/errors.ts';
import type { Happening } from '../../protocol/portal-history.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import type { AwsPlace, FleetRequest } from './cloud.ts';
import type { PoolTrouble } from './pools.ts';

/** Version of the record's layout on disk. */
export const recordVersion = 3;

export interface Notice {
  /** When the instance ends, milliseconds; the first one told is kept. */
  readonly deadline: number;
  readonly seenBy: 'instance metadata' | 'spot request status' | 'instance state';
  readonly seenAt: number;
  /** EC2's code of why the instance ends, where its state tells of it. */
  readonly reason?: string;
}

/** How one logs in to an instance. */
export interface Login {
  readonly user: string;
  readonly port: number;
  readonly identityFile: string;
  /** Where its host key is known from. */
  readonly hostKey: 'seeded' | 'console' | 'first-use';
}

/** One instance of the portal, from the intent to have it until EC2 says that it is gone. */
export interface GenerationRecord {
  readonly number: number;
  readonly startedAt: number;
  /**
   * Written before the call is made: a repeat of unknown outcome uses the same token and parameters. Its user data, which
   * hold the private half of a seeded host key, stay only until the fleet is known.
   */
  readonly request: FleetRequest;
  /** Keys accepted from this instance. */
  readonly hostKeys: readonly string[];
  /** With `host_key: first-use`: the console told the key that was accepted. */
  readonly hostKeyConfirmedAt?: number;
  /** With `host_key: first-use`: the console told other keys than the one that was accepted: a false machine. */
  readonly hostKeyDisprovedAt?: number;
  /** Written before the request is sent: from here on a fleet may exist. */
  readonly requestedAt?: number;
  /** The request has had no clear answer so often; it is repeated with its token, and not before `notBefore`. */
  readonly unanswered?: Failure & { readonly failures: number; readonly notBefore: number };
  readonly fleetId?: string;
  /** EC2 said that it has cancelled the fleet. */
  readonly fleetCancelledAt?: number;
  /** Given up before it had an instance; ends once its fleet is proved empty. */
  readonly abandonedAt?: number;
  /** Launched early, to stand by for the generation of this number. */
  readonly spareOf?: number;
  /** A rebalance recommendation made us launch a spare for this one: once is enough. */
  readonly spareBegunAt?: number;
  readonly login: Login;
  readonly instanceId?: string;
  readonly adoptedAt?: number;
  readonly notice?: Notice;
  /** Proved by EC2 to be terminated. */
  readonly goneAt?: number;
  readonly goneReason?: string;
  /** `on_interruption` was run: a restart does not run it a second time. */
  readonly interruptionCommandsAt?: number;
  /** So often EC2 did not come to an end with attaching a volume to it. */
  readonly hungAttachments?: number;
  /** Written before its volumes are mounted: from here on they may be, whether it has taken them over or not. */
  readonly mountingAt?: number;
  /** `on_interruption` was run and the inbound channels synchronised after the notice. */
  readonly drainedAt?: number;
  /** Channels stopped and volumes unmounted in order. */
  readonly releasedAt?: number;
  readonly packagesAt?: number;
  readonly onOpenAt?: number;
  /** Why a command of `on_open` failed there. */
  readonly onOpenFailure?: string;
  /** All of its opening was done; from then on the portal is open on it. */
  readonly readyAt?: number;
}

export interface Failure {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint?: string;
  readonly at: number;
}

export interface PortalRecord {
  readonly version: typeof recordVersion;
  readonly name: string;
  /** Where in AWS it was opened; what answers from elsewhere tell nothing of it. */
  readonly place: AwsPlace;
  readonly specificationPath: string;
  readonly specificationText: string;
  /** Checked, paths made absolute. */
  readonly specification: Specification;
  readonly wish: 'open' | 'closed';
  readonly wishedAt: number;
  /** Set once a closing is proved complete by EC2. */
  readonly closedAt?: number;
  /** Names this opening in tags and tokens. */
  readonly opening: string;
  readonly openedAt: number;
  readonly nextGeneration: number;
  readonly generations: readonly GenerationRecord[];
  /** Number of the generation that holds the volumes; 0 before the first. */
  readonly holder: number;
  /** True from the first time it was open. */
  readonly everOpen: boolean;
  readonly rootDevice?: string;
  /** Was read while the portal was open, and takes the place of these when the next instance is launched. */
  readonly next?: { readonly specification: Specification; readonly rootDevice?: string };
  /** Instance types that gave no machine of use lately. */
  readonly pools: readonly PoolTrouble[];
  readonly failure?: Failure;
  /** Positions of the channels that the user has paused. */
  readonly pausedChannels?: readonly number[];
  /** What happened last, for people; it is written with the next change. */
  readonly history?: readonly Happening[];
}

/** The record with the fleet that a generation's request has made: that is not repeated any more. */
export function withFleet(record: PortalRecord, number: number, fleetId: string): PortalRecord {
  return {
    ...record,
    generations: record.generations.map((one) => {
      if (one.number !== number) return one;
      const { unanswered: _answered, ...generation } = one;
      return { ...generation, fleetId, request: { ...one.request, userData: '' } };
    }),
  };
}

/** The record with one generation replaced. */
export function withGeneration(
  record: PortalRecord,
  number: number,
  change: Partial<GenerationRecord>,
): PortalRecord {
  return {
    ...record,
    generations: record.generations.map((one) => (one.number === number ? { ...one, ...change } : one)),
  };
}

/** The record after an attachment to a generation's instance hung, and is undone. */
export function withHungAttachment(record: PortalRecord, number: number): PortalRecord {
  const { hungAttachments = 0 } = record.generations.find((one) => one.number === number) ?? {};
  return withGeneration(record, number, { hungAttachments: hungAttachments + 1 });
}
