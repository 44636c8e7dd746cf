// EC2 in the portal's own words: what is observed of it and what can be asked of it. ec2/ implements `Cloud`.
import type { Difficulty } from './gateways.ts';

export interface CloudInstance {
  readonly id: string;
  readonly state: 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
  /** EC2's code of why it ended, for example Server.SpotInstanceTermination. */
  readonly stateReason?: string;
  readonly type: string;
  readonly zone: string;
  readonly address?: string;
  readonly launchedAt?: number;
  readonly spotRequestId?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface CloudVolume {
  readonly id: string;
  readonly state: string;
  readonly zone: string;
  /** Absent if EC2 does not tell it. */
  readonly sizeGiB?: number;
  readonly attachment?: {
    readonly instanceId: string;
    readonly device: string;
    readonly state: 'attaching' | 'attached' | 'detaching' | 'busy';
    /** When the attachment began, milliseconds. */
    readonly since: number;
  };
  readonly tags: Readonly<Record<string, string>>;
}

/** Why a fleet gives no instance, sorted into what can be done about it. */
export interface FleetTrouble {
  /** `unsupported`: this type cannot be launched with this image or in this zone. */
  readonly sort: 'capacity' | 'quota' | 'price' | 'unsupported' | 'configuration' | 'other';
  readonly code: string;
  readonly message: string;
}

export interface CloudFleet {
  readonly id: string;
  readonly state: string;
  /** Empty when they were not asked for. */
  readonly instanceIds: readonly string[];
  readonly trouble?: FleetTrouble;
}

/** Which part of AWS is meant: in another account or Region nothing of a portal is to be seen. */
export interface AwsPlace {
  readonly account?: string;
  readonly region?: string;
}

/** Everything that one round of describe calls told. What is absent from a map was absent from the answers. */
export interface CloudSnapshot {
  /** When the round began, milliseconds; anything done before is seen in it, up to EC2's own consistency. */
  readonly at: number;
  /** Where the answers came from, as far as it is known. */
  readonly place: AwsPlace;
  readonly instances: ReadonlyMap<string, CloudInstance>;
  /** Status code of each spot request, by its id. */
  readonly spotStatus: ReadonlyMap<string, string>;
  readonly volumes: ReadonlyMap<string, CloudVolume>;
  readonly fleets: ReadonlyMap<string, CloudFleet>;
  /** Ids of the fleets that were asked for: one of them that is not in `fleets` is not known to EC2. */
  readonly askedFleets: ReadonlySet<string>;
  /** What EC2 refused of the round, which does without it. */
  readonly without?: Difficulty;
}

/** What a portal wants to be told about. Instances of this installation are always told. */
export interface CloudInterest {
  readonly instanceIds: readonly string[];
  readonly volumeIds: readonly string[];
  /** Fleets still launching or being cancelled: one call tells the state of all. */
  readonly fleetIds: readonly string[];
  /** Those of them whose instances and trouble are wanted: these cost two calls each. */
  readonly launchingFleetIds: readonly string[];
}

/** One fleet request, kept in the record as it is sent, so that a repeat has identical parameters. */
export interface FleetRequest {
  readonly token: string;
  readonly portal: string;
  readonly opening: string;
  readonly generation: number;
  readonly fleetRole: string;
  /** One of these; EC2 chooses among several. */
  readonly instanceTypes: readonly string[];
  readonly imageId: string;
  readonly keyPairName: string;
  readonly securityGroupId: string;
  readonly zone: string;
  readonly subnetId?: string;
  readonly ebsOptimized?: boolean;
  /** Cloud-init user data, plain text. */
  readonly userData: string;
  /** Set when the image's root volume would outlive the instance by itself. */
  readonly rootDevice?: string;
}

/** The shared view of EC2: one batched round of calls serves every portal. */
export interface CloudView {
  /** Registers what `owner` wants to see; replaces its earlier wish. */
  want(owner: string, interest: CloudInterest): void;
  forget(owner: string): void;
  /**
   * A snapshot whose round began after `notBefore` and not longer than `maximumAgeMs` ago; joins a round under way when
   * it will do. Rejects with PortalError when EC2 cannot be asked.
   */
  observe(wanted: { notBefore: number; maximumAgeMs: number }): Promise<CloudSnapshot>;
  /** Why the last round failed, if it did. */
  difficulty(): Difficulty | undefined;
}

/** Calls that change something. All reject with PortalError; kind `endpoint` tells that the call may have worked. */
export interface Cloud {
  /** Returns the fleet's id; with an earlier request's token and parameters, that request's fleet. */
  requestFleet(request: FleetRequest): Promise<string>;
  /** With its instances; if EC2 refuses to end those, and `mayLeaveInstances`, without them. */
  cancelFleet(fleetId: string, options: { mayLeaveInstances: boolean }): Promise<void>;
  terminateInstance(instanceId: string): Promise<void>;
  attachVolume(volumeId: string, instanceId: string, device: string): Promise<void>;
  detachVolume(volumeId: string, instanceId: string): Promise<void>;
  tagVolume(volumeId: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** What the instance printed while booting; empty while there is nothing. */
  consoleOutput(instanceId: string): Promise<string>;
}

export const tagNames = {
  installation: 'portald:installation',
  portal: 'portald:portal',
  opening: 'portald:opening',
  generation: 'portald:generation',
  fileSystem: 'portald:file-system',
  /** On volumes and snapshots that a user had made: who. */
  createdBy: 'portald:created-by',
  /** On snapshots: names the request, so that one of unknown outcome is found again. */
  request: 'portald:request',
} as const;

/** AWS's own tag on what a spot fleet launches, with the fleet's id; nobody else may give it. */
export const fleetTag = 'aws:ec2spot:fleet-request-id';
