// What EC2 does when it is asked to change something, and how a call may end for the one who asked.
import type { FleetRequest } from '../../../daemon/portal/cloud.ts';
import type { ErrorKind } from '../../../protocol/errors.ts';
import type { Chance } from './chance.ts';
import { endMachine, isAlive, type Region } from './region.ts';

/** `refused`: for certain not done. Of kind `endpoint`: it may have been done all the same. */
export type Answer<T> = { readonly done: T } | { readonly refused: ErrorKind };

/** Makes a call whose request or whose answer may be lost. */
export function call<T>(region: Region, stormy: boolean, chance: Chance, act: () => Answer<T>): Answer<T> {
  region.asked.changes.push(region.now);
  if (region.credentialsExpired) return { refused: 'credentials' };
  const lost = region.silent || (stormy && chance.happens(0.03));
  if (lost && chance.happens(0.5)) return { refused: 'endpoint' };
  if (stormy && chance.happens(0.02)) return { refused: 'throttled' };
  const answer = act();
  return lost ? { refused: 'endpoint' } : answer;
}

/** A token that was used before gives the fleet that it made. */
export function requestFleet(region: Region, request: FleetRequest, chance: Chance): Answer<string> {
  const earlier = region.fleets.find((one) => one.request.token === request.token);
  if (earlier !== undefined) return { done: earlier.id };
  if (region.refusal?.sort === 'quota' && chance.happens(0.5)) return { refused: 'quota' };
  region.asked.launches.push(region.now);
  region.count += 1;
  const id = `sfr-${region.count}`;
  region.fleets.push({
    id,
    request,
    state: 'active',
    fulfilsAt: region.now + chance.between(300, 6000),
    fulfilled: false,
    hiddenUntil: region.now + chance.pick([0, 0, 3000]),
    forgottenAt: Number.POSITIVE_INFINITY,
  });
  return { done: id };
}

/** Cancels and terminates, as the daemon asks for it. */
export function cancelFleet(region: Region, fleetId: string, chance: Chance): Answer<void> {
  const fleet = region.fleets.find((one) => one.id === fleetId);
  if (fleet === undefined) return { refused: 'not-found' };
  if (region.keepsFleets) return { refused: 'configuration' };
  if (fleet.state === 'active') fleet.state = 'cancelled_terminating';
  for (const machine of region.machines) {
    if (machine.fleetId === fleetId) endMachine(machine, region.now, chance);
  }
  return { done: undefined };
}

export function terminate(region: Region, instanceId: string, chance: Chance): Answer<void> {
  const machine = region.machines.find((one) => one.id === instanceId);
  if (machine === undefined) return { refused: 'not-found' };
  endMachine(machine, region.now, chance);
  return { done: undefined };
}

export function attach(region: Region, volumeId: string, instanceId: string, chance: Chance): Answer<void> {
  const volume = region.volumes.find((one) => one.id === volumeId);
  const machine = region.machines.find((one) => one.id === instanceId);
  const isFree = volume?.attachment === undefined && region.adversity.volumeState === undefined;
  if (volume === undefined || !isFree || machine?.state !== 'running') return { refused: 'volume' };
  const { now } = region;
  // Now and then an attachment never comes about.
  const changesAt = chance.happens(0.03) ? Number.POSITIVE_INFINITY : now + chance.between(300, 4000);
  volume.attachment = { instanceId, device: '/dev/xvdf', state: 'attaching', since: now, changesAt };
  return { done: undefined };
}

export function detach(region: Region, volumeId: string, instanceId: string, chance: Chance): Answer<void> {
  const volume = region.volumes.find((one) => one.id === volumeId);
  if (volume?.attachment?.instanceId !== instanceId) return { done: undefined };
  if (region.adversity.refusesDetach === true) return { refused: 'volume' };
  const changesAt = region.now + chance.between(300, 4000);
  volume.attachment = { ...volume.attachment, state: 'detaching', changesAt };
  return { done: undefined };
}

/** What would go on costing, or keep a volume from being used. */
export function leftOver(region: Region): string[] {
  return [
    ...region.machines
      .filter((one) => isAlive(one) || one.state === 'stopped')
      .map((one) => `${one.id} is ${one.state}`),
    ...region.fleets.filter((one) => one.state === 'active').map((one) => `${one.id} is active`),
    ...region.volumes
      .filter((one) => one.attachment !== undefined)
      .map((one) => `${one.id} is ${one.attachment?.state} to ${one.attachment?.instanceId}`),
  ];
}
