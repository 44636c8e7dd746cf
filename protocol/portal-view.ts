// What a client sees of a portal. Plain data, always whole: a delta replaces the view before it.
import type { ErrorData } from './errors.ts';

export const portalStates = ['closed', 'opening', 'open', 'recovering', 'closing', 'failed'] as const;
export type PortalState = (typeof portalStates)[number];

/** A failure or a standing difficulty, for people and scripts. */
export interface ProblemView extends ErrorData {
  readonly message: string;
  /** When it was first met, ISO 8601. */
  readonly since: string;
  /** When the same is tried again, ISO 8601; absent where that is under way, or is not known. */
  readonly nextAttemptAt?: string;
}

export interface InstanceView {
  readonly id: string;
  readonly type: string;
  readonly zone: string;
  /** EC2's own word: pending, running, shutting-down, … */
  readonly state: string;
  readonly address?: string;
  readonly launchedAt?: string;
}

export interface VolumeView {
  readonly id: string;
  readonly mountPoint: string;
  /** Its tag Name, and its size; once EC2 has told them. */
  readonly name?: string;
  readonly sizeGiB?: number;
  /** `missing`: EC2 answers, and does not show it. */
  readonly state: 'unknown' | 'missing' | 'detached' | 'attaching' | 'attached' | 'mounted' | 'detaching';
}

export interface ChannelView {
  /** Position in the specification, from 0. */
  readonly index: number;
  readonly direction: 'in' | 'out';
  readonly localPath: string;
  readonly remotePath: string;
  /** Also deletes what is gone from the source. */
  readonly deletes?: true;
  /** Patterns of what it leaves alone. */
  readonly exclude?: readonly string[];
  readonly state: 'stopped' | 'paused' | 'idle' | 'synchronising' | 'retrying';
  /** End of the last successful synchronisation, ISO 8601. */
  readonly lastSynchronisedAt?: string;
  readonly synchronisations: number;
  /** What they have moved since portald took the channel up. */
  readonly files: number;
  readonly bytes: number;
  /** Files and folders that they have deleted, if they have. */
  readonly deleted?: number;
  /** The last one that moved or deleted anything. */
  readonly last?: {
    readonly files: number;
    readonly bytes: number;
    readonly deleted?: number;
    readonly tookMs: number;
  };
  /** What a long synchronisation under way has moved up to now; `percent` is of what is known to be moved. */
  readonly transfer?: { readonly bytes: number; readonly percent: number; readonly tookMs: number };
  /** From noticing a save until the other side has confirmed it, of the latest saves. */
  readonly arrival?: { readonly saves: number; readonly medianMs: number; readonly p95Ms: number };
  /** Folders that were found not to be watched, though they should have been, and are watched since; if there were any. */
  readonly unwatchedFolders?: number;
  /** Something was noticed that is not on the other side yet. */
  readonly isPending: boolean;
  /** What of it waits for its turn: changed paths by their names, or a look at everything. */
  readonly queue?: { readonly paths: number; readonly isEverything: boolean };
  /** Why the last synchronisation failed, and since when they fail, ISO 8601. */
  readonly error?: string;
  readonly failingSince?: string;
  /** What is worth knowing although nothing is wrong: there is nothing to fetch yet, or the source cannot be watched. */
  readonly note?: string;
}

export interface PortalView {
  readonly name: string;
  readonly state: PortalState;
  /** What the daemon is doing or waiting for now, since when (ISO 8601), and why. */
  readonly step: { readonly what: string; readonly since: string; readonly reason: string };
  readonly specificationPath: string;
  readonly user: string;
  /** How the instance is reached by SSH, beside its user and address. */
  readonly ssh: {
    readonly port: number;
    readonly identityFile: string;
    /** Holds the verified host key of `instance`; while the daemon is connected to it. */
    readonly knownHostsFile?: string;
  };
  readonly openedAt: string;
  /** Number of the instance that has the volumes, or is to have them first; 0 before the first. */
  readonly generation: number;
  readonly instance?: InstanceView;
  /** The instance that is to take over, while a handover is under way. */
  readonly replacement?: InstanceView;
  readonly interruption?: { readonly deadline: string; readonly seenBy: string; readonly seenAt: string };
  readonly volumes: readonly VolumeView[];
  readonly channels: readonly ChannelView[];
  /** Fields of the specification that were reloaded and will hold with the next instance. */
  readonly pending?: readonly string[];
  /** Why a command of `on_open` failed on `instance`; the portal is open all the same. */
  readonly onOpenFailure?: string;
  readonly problem?: ProblemView;
}
