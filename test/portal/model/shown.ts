// What EC2 answers when it is asked: the truth, some of it late.
import {
  type CloudFleet,
  type CloudInstance,
  type CloudSnapshot,
  type CloudVolume,
  fleetTag,
  tagNames,
} from '../../../daemon/portal/cloud.ts';
import { interestOf } from '../../../daemon/portal/interest.ts';
import type { PortalRecord } from '../../../daemon/portal/record.ts';
import type { Fleet, Machine, Region } from './region.ts';

/** One round of answers, with the fleets that the observer asks for; undefined when there is none. */
export function shown(region: Region, record: PortalRecord): CloudSnapshot | undefined {
  if (region.silent || region.credentialsExpired || region.elsewhere) return undefined;
  const { now, adversity } = region;
  const { fleetIds, launchingFleetIds } = interestOf(record);
  const asked = new Set(fleetIds);
  region.asked.rounds.push(now);
  if (adversity.showsNothing === true) {
    const [instances, spotStatus, volumes, fleets] = [new Map(), new Map(), new Map(), new Map()];
    return { at: now, place: record.place, instances, spotStatus, volumes, fleets, askedFleets: asked };
  }
  const machines = region.machines.filter((one) => now >= one.hiddenUntil);
  const fleets = region.fleets.filter((one) => asked.has(one.id) && now >= one.hiddenUntil);
  return {
    at: now,
    place: record.place,
    instances: new Map(machines.map((one) => [one.id, toInstance(one, now)])),
    spotStatus: new Map(machines.map((one) => [`sir-${one.id}`, statusOf(one, now)])),
    volumes: new Map(
      region.volumes.map((one) => [one.id, toVolume(one.id, one.attachment, adversity.volumeState)]),
    ),
    fleets: new Map(fleets.map((one) => [one.id, toFleet(one, region, launchingFleetIds.includes(one.id))])),
    askedFleets: asked,
  };
}

function toInstance(machine: Machine, now: number): CloudInstance {
  const { portal, opening, generation, zone } = machine.request;
  return {
    id: machine.id,
    state: machine.state,
    type: machine.type,
    zone,
    spotRequestId: `sir-${machine.id}`,
    tags: {
      [tagNames.portal]: portal,
      [tagNames.opening]: opening,
      [tagNames.generation]: String(generation),
      [fleetTag]: machine.fleetId,
    },
    ...(now >= machine.addressFrom && machine.state !== 'pending' && { address: '203.0.113.7' }),
  };
}

function statusOf({ notice }: Machine, now: number): string {
  return notice !== undefined && now >= notice.inStatusFrom ? 'instance-terminated-no-capacity' : 'fulfilled';
}

function toVolume(
  id: string,
  attachment: CloudVolume['attachment'],
  state = attachment === undefined ? 'available' : 'in-use',
): CloudVolume {
  return {
    id,
    state,
    zone: 'a',
    tags: {},
    ...(attachment !== undefined && { attachment }),
  };
}

function toFleet(fleet: Fleet, region: Region, isLaunching: boolean): CloudFleet {
  const { id, state, trouble } = fleet;
  if (!isLaunching) return { id, state, instanceIds: [] };
  // EC2 lists a fleet's instances while they are active, and like everything else sometimes late.
  const instanceIds = region.machines
    .filter((one) => one.fleetId === id && one.state !== 'terminated' && region.now >= one.hiddenUntil)
    .map((one) => one.id);
  // Its history keeps the trouble; it is looked at while there is no instance (describe.ts).
  const told = instanceIds.length === 0 && trouble !== undefined;
  return { id, state, instanceIds, ...(told && { trouble }) };
}
