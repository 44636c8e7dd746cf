// Records and observations for the tests of `decide`, written as differences from the ordinary.
import type { CloudFleet, CloudInstance, CloudSnapshot, CloudVolume } from '../../daemon/portal/cloud.ts';
import type { LinkStatus, MountState } from '../../daemon/portal/gateways.ts';
import type { GenerationObservation, Observation } from '../../daemon/portal/observation.ts';
import type { PoolTrouble } from '../../daemon/portal/pools.ts';
import { type GenerationRecord, type PortalRecord, recordVersion } from '../../daemon/portal/record.ts';

export const now = 1_000_000_000;

export function record(change: Partial<PortalRecord> = {}): PortalRecord {
  return {
    version: recordVersion,
    name: 'gpu',
    place: { account: '123456789012', region: 'eu-central-1' },
    specificationPath: '/home/me/gpu.yaml',
    specificationText: '',
    specification: {
      spot_instance: {
        instance_type: 'g5.xlarge',
        image_id: 'ami-1',
        key_pair_name: 'key',
        identity_file: '/home/me/key',
        security_group_id: 'sg-1',
        availability_zone: 'a',
        remote_group: 'ubuntu',
        remote_user: 'ubuntu',
      },
      spot_fleet: { iam_fleet_role: 'arn:aws:iam::1:role/fleet' },
      persistent_volumes: [{ volume_id: 'vol-1', device: '/dev/xvdf', mount_point: '/home/ubuntu/data' }],
      channels: [{ direction: 'out', local_path: '/home/me/code/', remote_path: 'work/code' }],
    },
    wish: 'open',
    wishedAt: now - 600_000,
    opening: 'opening',
    openedAt: now - 600_000,
    nextGeneration: 1,
    generations: [],
    holder: 0,
    everOpen: false,
    pools: [],
    ...change,
  };
}

export function generation(number: number, change: Partial<GenerationRecord> = {}): GenerationRecord {
  return {
    number,
    startedAt: now - 500_000,
    login: { user: 'ubuntu', port: 22, identityFile: '/home/me/key', hostKey: 'seeded' },
    request: {
      token: `token-${number}`,
      portal: 'gpu',
      opening: 'opening',
      generation: number,
      fleetRole: 'role',
      instanceTypes: ['g5.xlarge'],
      imageId: 'ami-1',
      keyPairName: 'key',
      securityGroupId: 'sg-1',
      zone: 'a',
      userData: '',
    },
    hostKeys: ['ssh-ed25519 AAAA'],
    requestedAt: now - 500_000,
    fleetId: `sfr-${number}`,
    instanceId: `i-${number}`,
    adoptedAt: now - 400_000,
    ...change,
  };
}

/** What a pool failed for just now; it rests for another `forMs`. */
export function poolTrouble(
  kind: PoolTrouble['kind'],
  forMs = 60_000,
  instanceType = 'g5.xlarge',
  failures = 1,
): PoolTrouble {
  return { instanceType, kind, message: kind, failures, since: now, at: now, until: now + forMs };
}

/** A generation that is everything it can be. */
export function ready(number: number, change: Partial<GenerationRecord> = {}): GenerationRecord {
  return generation(number, { readyAt: now - 300_000, ...change });
}

export function instance(id: string, change: Partial<CloudInstance> = {}): CloudInstance {
  return { id, state: 'running', type: 'g5.xlarge', zone: 'a', address: '203.0.113.7', tags: {}, ...change };
}

/** The tags of an instance that the portal `gpu` launched in this opening. */
export const ownTags = {
  'portald:portal': 'gpu',
  'portald:opening': 'opening',
  'aws:ec2spot:fleet-request-id': 'sfr-9',
};

export function volume(
  on?: string,
  state: 'attaching' | 'attached' | 'detaching' | 'busy' = 'attached',
): CloudVolume {
  return {
    id: 'vol-1',
    state: on === undefined ? 'available' : 'in-use',
    zone: 'a',
    tags: {},
    ...(on !== undefined && {
      attachment: { instanceId: on, device: '/dev/xvdf', state, since: now - 1000 },
    }),
  };
}

export function cloud(parts: {
  instances?: CloudInstance[];
  volumes?: CloudVolume[];
  fleets?: CloudFleet[];
  spotStatus?: [string, string][];
}): CloudSnapshot {
  const { instances = [], volumes = [volume()], fleets = [], spotStatus = [] } = parts;
  return {
    at: now,
    place: { account: '123456789012', region: 'eu-central-1' },
    instances: new Map(instances.map((one) => [one.id, one])),
    volumes: new Map(volumes.map((one) => [one.id, one])),
    fleets: new Map(fleets.map((one) => [one.id, one])),
    askedFleets: new Set(fleets.map((one) => one.id)),
    spotStatus: new Map(spotStatus),
  };
}

export const connected: LinkStatus = {
  state: 'connected',
  since: now - 1000,
  failedAttempts: 0,
  rebalanceRecommended: false,
};

/** A link that has tried in vain so often, for so long. */
export function silent(failedAttempts: number, silentMs: number): LinkStatus {
  return { state: 'connecting', since: now - silentMs, failedAttempts, rebalanceRecommended: false };
}

export function onInstance(change: Partial<GenerationObservation> = {}): GenerationObservation {
  return { transport: true, tasks: new Map(), link: connected, ...change };
}

export function mounted(yes = true): readonly MountState[] {
  return [{ volumeId: 'vol-1', device: '/dev/nvme1n1', mounted: yes, occupied: false }];
}

export function observation(
  snapshot: CloudSnapshot | undefined,
  generations: Record<number, GenerationObservation> = {},
  change: Partial<Observation> = {},
): Observation {
  return {
    now,
    generations: new Map(Object.entries(generations).map(([number, seen]) => [Number(number), seen])),
    absences: new Map(),
    shownSince: new Map(),
    channelsOn: 0,
    resting: new Map(),
    earlyReplacementMs: 0,
    ...(snapshot !== undefined && { cloud: snapshot }),
    ...change,
  };
}
