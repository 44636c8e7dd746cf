// What a portal needs of the instance and of the channels, in the portal's own words. The adapters in remote/ and
// channel/ implement these; only main.ts brings them together.
import type { ErrorKind } from '../../protocol/errors.ts';
import type { ChannelView } from '../../protocol/portal-view.ts';
import type { ChannelSpecification, VolumeSpecification } from '../../protocol/specification/schema.ts';

/** A difficulty told to people; `since` in milliseconds of the daemon's clock. */
export interface Difficulty {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint?: string;
  readonly since: number;
}

/** One instance to talk to. A link belongs to exactly one instance id. */
export interface RemoteTarget {
  readonly instanceId: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Absolute path of the private key file. */
  readonly identityFile: string;
  /**
   * Host public keys in OpenSSH form (`ssh-ed25519 AAAA…`); any of them is accepted, none other. Empty only with
   * `acceptFirstHostKey`: then the key met first is accepted, reported by `status()` and from then on the only one.
   */
  readonly hostKeys: readonly string[];
  readonly acceptFirstHostKey: boolean;
}

/** AWS's notice as the instance's own metadata tells it. */
export interface MetadataNotice {
  readonly action: string;
  /** AWS's time of the end, milliseconds since the epoch. */
  readonly deadline: number;
}

export interface LinkStatus {
  /** `connected`: the host key is verified, the user is logged in, commands can be run. */
  readonly state: 'connecting' | 'connected';
  /** Since when it is in this state, milliseconds. */
  readonly since: number;
  /** Attempts to connect that failed since it was connected last. */
  readonly failedAttempts: number;
  /** Why it is not connected. */
  readonly difficulty?: Difficulty;
  /** The host key that was verified or met first. */
  readonly hostKey?: string;
  /**
   * An OpenSSH known_hosts file that has the instance's address with its pinned keys, or the one that was verified; there
   * while it is connected or not, and absent where no key is known yet.
   */
  readonly knownHostsFile?: string;
  /** The first notice seen; latched. */
  readonly notice?: MetadataNotice;
  readonly rebalanceRecommended: boolean;
  /** Why the instance's metadata cannot be asked, and so tell no notice, though it is connected. */
  readonly metadataDifficulty?: Difficulty;
}

/** How a local program reaches the instance by OpenSSH through the link's shared connection. */
export interface SshTransport {
  /** Program and arguments up to and including the destination's options, without the destination. */
  readonly command: readonly string[];
  /** `user@alias`, to be given to ssh or rsync as the destination. */
  readonly destination: string;
}

/** A volume without which a channel's path on the instance is another one. */
export interface ChannelMount {
  readonly volumeId: string;
  /** Absolute path of the mount point. */
  readonly point: string;
  /** Of the root of what is mounted there. */
  readonly identity: string;
  /** The channel's path, absolute; absent where the mount point lies below it. */
  readonly path?: string;
}

/** How a channel reaches the instance, and what must be mounted there whenever it does something. */
export interface ChannelTransport extends SshTransport {
  readonly mounts: readonly ChannelMount[];
}

export interface MountState {
  readonly volumeId: string;
  /** The device that is proved, by serial, to be this volume; absent while the instance does not show it. */
  readonly device?: string;
  /** What is mounted at the specification's mount point is this volume. */
  readonly mounted: boolean;
  /** Something else is mounted there. */
  readonly occupied: boolean;
  /** Device and inode numbers of the root of what is mounted there, `259:2`; absent unless that is this volume. */
  readonly identity?: string;
}

/**
 * `over`: names in the folder that the volume now hides, some of them if there are many. `unchecked`: why its file system was not
 * checked.
 */
export type MountOutcome =
  | { readonly state: 'absent' }
  | { readonly state: 'mounted'; readonly over: readonly string[]; readonly unchecked?: string };

export type BlankProof = { readonly uuid: string };

/**
 * Everything done on one instance. Owned by the portal that asked for it; `close()` ends its connections, its child
 * processes and its timers. All calls reject with PortalError (kinds ssh, mount, packages, hook) and never hang past
 * their time limit.
 */
export interface RemoteLink {
  status(): LinkStatus;
  /** The OpenSSH side, once its master connection is up; undefined before and after. */
  transport(): SshTransport | undefined;
  /** What of `volumes` the instance shows and has mounted. */
  inspectVolumes(volumes: readonly VolumeSpecification[]): Promise<MountState[]>;
  /**
   * Checks (after an unclean end) and mounts a volume that is attached; idempotent. With nothing done, it is `absent` while
   * the instance does not show it.
   */
  mountVolume(volume: VolumeSpecification): Promise<MountOutcome>;
  /**
   * Flushes and unmounts; idempotent. With `evict`, processes that hold it are told to end, then killed; resolves to
   * the names of those.
   */
  unmountVolume(volume: VolumeSpecification, options: { evict: boolean }): Promise<readonly string[]>;
  /**
   * Proves that the attached volume is blank by the safe rule (facts on volumes): resolves to true only if every check
   * ran and agreed; false if there is any trace of data; rejects when a check could not be made.
   */
  isBlank(volume: VolumeSpecification): Promise<boolean>;
  /** Makes an ext4 file system with this UUID and gives its root folder to user:group. Only after `isBlank`. */
  formatVolume(
    volume: VolumeSpecification,
    options: { uuid: string; user: string; group: string },
  ): Promise<void>;
  /**
   * Makes the file system of a mounted volume as large as the volume, which has `sizeGiB` by now; idempotent. Resolves to
   * the file system's type.
   */
  growVolume(volume: VolumeSpecification, sizeGiB: number): Promise<string>;
  /** What is wrong with the group for the user; undefined if nothing is, or it cannot be told. */
  checkGroup(user: string, group: string): Promise<'missing' | 'without-user' | undefined>;
  /** Flushes all file systems. */
  flush(): Promise<void>;
  /** Installs packages into a virtual environment (folder) or conda environment (name or path); idempotent. */
  installPackages(environment: string, packages: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Runs the user's commands in turn, each by `sh -c`; stops at the first that fails. `ended` is told of each that ran
   * to its end, with the last part of what it printed (control characters made visible).
   */
  runCommands(
    commands: readonly string[],
    options: {
      timeoutMs: number;
      signal: AbortSignal;
      ended: (command: string, code: number, output: string) => void;
    },
  ): Promise<void>;
  close(): Promise<void>;
}

/** `changed` is called after every change of `status()` or `transport()`; it carries no meaning of its own. */
export type ConnectRemote = (target: RemoteTarget, changed: () => void) => RemoteLink;

/** A channel with its paths made absolute. It watches from its creation until `close()`. */
export interface Channel {
  view(): Omit<ChannelView, 'index' | 'direction' | 'localPath' | 'remotePath' | 'deletes' | 'exclude'>;
  /** Synchronises through this transport from now on, beginning with one whole pass; replaces an earlier one. */
  resume(transport: ChannelTransport): void;
  /** When it last found that a volume which it needs is not mounted, milliseconds; undefined if it did not. */
  unmountedAt(): number | undefined;
  /**
   * Ends synchronising (a running rsync included) and goes on watching; resolves once nothing of it runs. Who waits for a
   * synchronisation is told `because`.
   */
  pause(because?: string): Promise<void>;
  /** Resolves when all that was saved before the call is on the other side; rejects on failure or when paused. */
  synchronise(options: { timeoutMs: number; signal: AbortSignal }): Promise<void>;
  /** Ends watching too. Idempotent. */
  close(): Promise<void>;
}

/** Starts watching; `changed` as for `ConnectRemote`. */
export type OpenChannel = (specification: ChannelSpecification, changed: () => void) => Channel;
