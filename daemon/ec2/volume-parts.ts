// What the work on volumes and snapshots is given.
import type { Aws } from './aws.ts';
import type { Stored } from './stored.ts';

/** The portals, as far as a volume matters to them. */
export interface VolumePortals {
  /** The portal, not closed, whose specification names the volume. */
  portalOf(volumeId: string): string | undefined;
  /** As the supervisor's. */
  growFileSystem(name: string, volumeId: string, sizeGiB: number): Promise<string>;
  flushVolumes(name: string): Promise<void>;
}

export interface VolumeParts {
  readonly aws: Aws;
  readonly stored: Stored;
  readonly installation: string;
  /** For people: who runs this portald, as `user@host`. */
  readonly createdBy: string;
  readonly portals: VolumePortals;
  /** Deletes one volume or snapshot; what is gone already is no failure. */
  readonly remove: (kind: 'volume' | 'snapshot', id: string) => Promise<void>;
  /** Random hexadecimal text. */
  readonly randomId: () => string;
  /** Milliseconds. */
  readonly now: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** One request of a client. */
export interface RequestContext {
  /** Aborted when the client waits no longer. What is done already stays done. */
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}
