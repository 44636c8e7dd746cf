// EC2 as it truly is in a simulated life: machines, fleets, volumes. What the daemon is shown of it is `shown.ts`.
import type { CloudVolume, FleetRequest, FleetTrouble } from '../../../daemon/portal/cloud.ts';
import type { Chance } from './chance.ts';

export interface Machine {
  readonly id: string;
  readonly type: string;
  readonly fleetId: string;
  readonly request: FleetRequest;
  state: 'pending' | 'running' | 'stopped' | 'shutting-down' | 'terminated';
  /** When the state changes by itself. */
  changesAt: number;
  /** Not in EC2's answers before this time. */
  hiddenUntil: number;
  addressFrom: number;
  /** When its SSH server is up. */
  bootedAt: number;
  reachable: boolean;
  /** AWS recommends to leave it. */
  rebalanced: boolean;
  /** Whether AWS takes it back: its metadata or its spot request tell, either may be late. */
  notice?: { readonly deadline: number; readonly inMetadataFrom: number; readonly inStatusFrom: number };
  readonly mounted: Set<string>;
}

export interface Fleet {
  readonly id: string;
  readonly request: FleetRequest;
  state: 'active' | 'cancelled_terminating' | 'cancelled';
  fulfilsAt: number;
  fulfilled: boolean;
  trouble?: FleetTrouble;
  hiddenUntil: number;
  forgottenAt: number;
}

export interface Volume {
  readonly id: string;
  attachment?: NonNullable<CloudVolume['attachment']> & { changesAt: number };
}

export interface Region {
  now: number;
  machines: Machine[];
  fleets: Fleet[];
  readonly volumes: Volume[];
  /** Instance types that are to be had now. */
  readonly capacity: Set<string>;
  /** Why fleets are not fulfilled although there is capacity. */
  refusal?: FleetTrouble;
  silent: boolean;
  credentialsExpired: boolean;
  /** No fleet can be cancelled. */
  keepsFleets: boolean;
  /** The daemon was started with the credentials of another account. */
  elsewhere: boolean;
  count: number;
  /** What EC2 does wrong all the time. */
  adversity: Adversity;
  /** When fleets were requested, calls that change something were made, and rounds of describe calls, milliseconds. */
  readonly asked: { readonly launches: number[]; readonly changes: number[]; readonly rounds: number[] };
}

/** Ways in which EC2 may be of no use for as long as it likes. */
export interface Adversity {
  /** Instance types whose machines end so long after they run. */
  readonly endsAfterMs?: Readonly<Record<string, number>>;
  /** Every machine is given notice so long after it runs. */
  readonly noticeAfterMs?: number;
  /** The account has room for so many machines; a type that is named here never fits. */
  readonly room?: { readonly machines: number; readonly tooLarge?: string };
  readonly fleetsEnd?: boolean;
  /** What hangs in this state, whatever is asked. */
  readonly stuck?: 'attaching' | 'detaching' | 'shutting-down';
  /** Detaching is refused. */
  readonly refusesDetach?: boolean;
  readonly volumeState?: string;
  readonly showsNothing?: boolean;
}

export function createRegion(now: number, volumeIds: readonly string[], types: readonly string[]): Region {
  return {
    now,
    machines: [],
    fleets: [],
    volumes: volumeIds.map((id) => ({ id })),
    capacity: new Set(types),
    silent: false,
    credentialsExpired: false,
    keepsFleets: false,
    elsewhere: false,
    count: 0,
    adversity: {},
    asked: { launches: [], changes: [], rounds: [] },
  };
}

/** Whether it costs money. */
export function isAlive(machine: Machine): boolean {
  return machine.state === 'pending' || machine.state === 'running';
}

/** The machine begins to end; what is mounted is unmounted when it has. */
export function endMachine(machine: Machine, now: number, chance: Chance): void {
  if (!isAlive(machine) && machine.state !== 'stopped') return;
  machine.state = 'shutting-down';
  machine.changesAt = now + chance.between(500, 30_000);
}

/** Lets time pass: everything that is due happens. */
export function advance(region: Region, ms: number, chance: Chance): void {
  region.now += ms;
  const { now } = region;
  for (const machine of region.machines) advanceMachine(machine, region, chance);
  for (const fleet of region.fleets) advanceFleet(fleet, region, chance);
  for (const volume of region.volumes) advanceVolume(volume, now, region.adversity);
  region.fleets = region.fleets.filter((one) => one.state !== 'cancelled' || now < one.forgottenAt);
}

function advanceMachine(machine: Machine, region: Region, chance: Chance): void {
  const { now, adversity } = region;
  if (machine.notice !== undefined && now >= machine.notice.deadline) endMachine(machine, now, chance);
  if (machine.state === 'running') suffer(machine, region, chance);
  if (now < machine.changesAt || machine.state === 'running') return;
  if (machine.state === 'stopped' || machine.state === 'terminated') return;
  if (machine.state === 'pending') {
    machine.state = 'running';
    return;
  }
  if (adversity.stuck === 'shutting-down') return;
  // EC2 shows the dead for about an hour; here it does for good.
  machine.state = 'terminated';
  machine.mounted.clear();
  for (const volume of region.volumes) {
    if (volume.attachment?.instanceId !== machine.id) continue;
    // Mostly it detaches by itself; sometimes it must be helped.
    const byItself = chance.happens(0.8);
    const changesAt = byItself ? now + chance.between(0, 8000) : Number.POSITIVE_INFINITY;
    volume.attachment = { ...volume.attachment, state: byItself ? 'detaching' : 'attached', changesAt };
  }
}

function suffer(machine: Machine, { now, adversity }: Region, chance: Chance): void {
  const ranForMs = now - machine.changesAt;
  const { endsAfterMs = {}, noticeAfterMs = Number.POSITIVE_INFINITY } = adversity;
  if (ranForMs >= (endsAfterMs[machine.type] ?? Number.POSITIVE_INFINITY)) endMachine(machine, now, chance);
  if (ranForMs >= noticeAfterMs)
    machine.notice ??= { deadline: now + 120_000, inMetadataFrom: now, inStatusFrom: now };
}

function advanceFleet(fleet: Fleet, region: Region, chance: Chance): void {
  const { now } = region;
  const living = region.machines.some((one) => one.fleetId === fleet.id && one.state !== 'terminated');
  if (fleet.state === 'cancelled_terminating' && !living) {
    fleet.state = 'cancelled';
    fleet.forgottenAt = now + chance.pick([0, chance.between(60_000, 1_200_000)]);
  }
  if (fleet.state !== 'active' || fleet.fulfilled || now < fleet.fulfilsAt) return;
  if (region.adversity.fleetsEnd === true) {
    fleet.state = 'cancelled';
    fleet.forgottenAt = now + 1_200_000;
    return;
  }
  const { room } = region.adversity;
  const isFull = room !== undefined && region.machines.filter(isAlive).length >= room.machines;
  const there = fleet.request.instanceTypes.filter((one) => region.capacity.has(one));
  const type = isFull ? undefined : there.find((one) => one !== room?.tooLarge);
  if (region.refusal !== undefined) fleet.trouble = region.refusal;
  else if (there.length === 0)
    fleet.trouble = { sort: 'capacity', code: 'launchSpecTemporarilyBlacklisted', message: 'none left' };
  else if (type === undefined)
    fleet.trouble = { sort: 'quota', code: 'VcpuLimitExceeded', message: 'no room' };
  else {
    region.machines.push(launch(fleet, type, region, chance));
    fleet.fulfilled = true;
    return;
  }
  fleet.fulfilsAt = now + 5000;
}

function launch(fleet: Fleet, type: string, region: Region, chance: Chance): Machine {
  const { now } = region;
  region.count += 1;
  const changesAt = now + chance.between(500, 40_000);
  const bootedAt = changesAt + chance.between(0, 60_000);
  return {
    id: `i-${region.count}`,
    type,
    fleetId: fleet.id,
    request: fleet.request,
    state: 'pending',
    changesAt,
    hiddenUntil: now + chance.pick([0, 0, 2000, 30_000]),
    addressFrom: changesAt + chance.pick([0, 0, 3000]),
    bootedAt,
    reachable: true,
    rebalanced: false,
    mounted: new Set(),
  };
}

function advanceVolume(volume: Volume, now: number, { stuck }: Adversity): void {
  const { attachment } = volume;
  if (attachment === undefined || now < attachment.changesAt || attachment.state === stuck) return;
  if (attachment.state === 'attaching') volume.attachment = { ...attachment, state: 'attached' };
  if (attachment.state === 'detaching') delete volume.attachment;
}
