// What exists in the simulated region, in plain data. Times are milliseconds since 1970.
import type { Form } from '../api/form.ts';
import type { World } from '../world/world.ts';

/** What every resource has. Until `visibleAtMs` the API does not know it (eventual consistency). */
export type Resource = { tags: Map<string, string>; visibleAtMs: number };

export type Attachment = {
  instanceId: string;
  /** As given to the API. */
  device: string;
  state: 'attaching' | 'attached' | 'detaching' | 'busy';
  attachedAtMs: number;
  deleteOnTermination: boolean;
  root: boolean;
};

/** What of a volume can be asked for, and changed. */
export type VolumeShape = {
  type: string;
  sizeGiB: number;
  iops: number | undefined;
  throughput: number | undefined;
};

export type VolumeModification = {
  state: 'modifying' | 'optimizing' | 'completed';
  original: VolumeShape;
  target: VolumeShape;
  startedAtMs: number;
  endedAtMs: number | undefined;
};

export type Volume = Resource & {
  volumeId: string;
  zone: string;
  sizeGiB: number;
  type: string;
  iops: number | undefined;
  throughput: number | undefined;
  encrypted: boolean;
  snapshotId: string | undefined;
  createdAtMs: number;
  state: 'creating' | 'available' | 'in-use' | 'deleting';
  attachment: Attachment | undefined;
  modification: VolumeModification | undefined;
  /** Instances on which it was mounted when they ended, or when it was taken away by force. */
  tornFrom: string[];
  /** The delays that were drawn for its last moves. */
  drawnMs: { attach?: number; detach?: number };
};

export type Snapshot = Resource & {
  snapshotId: string;
  volumeId: string;
  sizeGiB: number;
  state: 'pending' | 'completed';
  description: string;
  startedAtMs: number;
};

/** A launch specification, read and checked. */
export type LaunchSpecification = {
  imageId: string;
  instanceType: string;
  keyName: string | undefined;
  groupIds: string[];
  zone: string | undefined;
  subnetId: string | undefined;
  associatePublicIp: boolean | undefined;
  ebsOptimized: boolean;
  userData: string;
  maximumPrice: number | undefined;
  tags: [string, string][];
  blockDevices: BlockDevice[];
};

export type BlockDevice = {
  device: string;
  sizeGiB: number | undefined;
  type: string | undefined;
  snapshotId: string | undefined;
  deleteOnTermination: boolean | undefined;
};

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export type Instance = Resource & {
  instanceId: string;
  reservationId: string;
  fleetId: string;
  spotRequestId: string;
  specification: LaunchSpecification;
  zone: string;
  subnetId: string;
  address: string;
  publicAddress: string | undefined;
  nitro: boolean;
  launchedAtMs: number;
  state: InstanceState;
  stateReason: { code: string; message: string } | undefined;
  /** Set by an interruption notice. */
  interruption: { action: string; atMs: number } | undefined;
  rebalanceAtMs: number | undefined;
  consoleAtMs: number | undefined;
  cloudInitAtMs: number | undefined;
  endedAtMs: number | undefined;
};

export type SpotRequest = Resource & {
  spotRequestId: string;
  fleetId: string;
  instanceId: string;
  specification: LaunchSpecification;
  zone: string;
  createdAtMs: number;
  state: 'active' | 'closed' | 'cancelled';
  status: { code: string; message: string; atMs: number };
};

export type FleetEvent = {
  type: string;
  subType: string;
  description: string;
  instanceId: string | undefined;
  atMs: number;
  visibleAtMs: number;
};

export type Fleet = Resource & {
  fleetId: string;
  type: 'request' | 'maintain';
  role: string;
  state:
    | 'submitted'
    | 'active'
    | 'modifying'
    | 'cancelled'
    | 'cancelled_running'
    | 'cancelled_terminating'
    | 'failed';
  activity: 'pending_fulfillment' | 'fulfilled' | 'error' | 'pending_termination' | undefined;
  targetCapacity: number;
  strategy: string;
  specifications: LaunchSpecification[];
  createdAtMs: number;
  validUntilMs: number | undefined;
  terminateOnExpiration: boolean;
  /** Instances launched so far: a `request` fleet never replaces what it has lost. */
  launched: number;
  events: FleetEvent[];
  /** The configuration as it was sent, for the describe call. */
  configuration: Form;
};

export type Price = { instanceType: string; zone: string; dollars: number; atMs: number };

/** The region: the world file's catalogue and everything made since. */
export type Region = {
  world: World;
  volumes: Map<string, Volume>;
  snapshots: Map<string, Snapshot>;
  instances: Map<string, Instance>;
  fleets: Map<string, Fleet>;
  spotRequests: Map<string, SpotRequest>;
  prices: Price[];
  /** Free machines by `type zone`. */
  capacity: Map<string, number>;
  /** Instance types of which so many machines more end as soon as they run, with the code of the reason. */
  shortLived: Map<string, { code: string; count: number }>;
  /** Public keys by name. */
  keyPairs: Map<string, { name: string; keyPairId: string; publicLine: string }>;
};
