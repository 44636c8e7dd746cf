// What may happen to a portal between two looks at the world.
import type { FleetTrouble } from '../../../daemon/portal/cloud.ts';
import { cancelFleet } from './calls.ts';
import type { Life } from './machine-side.ts';
import { createMemory } from './memory.ts';
import { endMachine, isAlive, type Machine } from './region.ts';

/** The daemon is killed and started again: connections, tasks and what was counted are gone. */
export function restart(life: Life): void {
  life.memory = createMemory(() => life.region.now);
}

/** The user wishes it closed (portal.ts). */
export function close(life: Life): void {
  if (life.record.wish === 'closed') return;
  life.record = { ...life.record, wish: 'closed', wishedAt: life.region.now };
}

/** Lets at most one thing happen; each is rare. */
export function somethingHappens(life: Life): void {
  const { region, chance } = life;
  if (!chance.happens(0.08)) return;
  const alive = region.machines.filter(isAlive);
  const machine = alive[chance.between(0, Math.max(0, alive.length - 1))];
  const onMachine = machine === undefined ? [] : machineEvents(life, machine);
  const event = chance.pick([
    () => restart(life),
    () => (region.silent = !region.silent),
    () => (region.silent = false),
    () => (region.credentialsExpired = chance.happens(0.3)),
    () => (region.elsewhere = chance.happens(0.2)),
    () => toggleCapacity(life),
    () => toggleRefusal(life),
    () => (region.keepsFleets = chance.happens(0.3)),
    () => (chance.happens(0.3) ? close(life) : undefined),
    () => (chance.happens(0.1) ? cancelByOthers(life) : undefined),
    // The laptop sleeps.
    () => (chance.happens(0.2) ? (region.now += chance.between(1000, 7_200_000)) : undefined),
    ...onMachine,
  ]);
  event();
}

function machineEvents({ region, chance }: Life, machine: Machine): (() => unknown)[] {
  const { now } = region;
  const notice = (): void => {
    const deadline = now + 120_000;
    const late = (): number => chance.pick([now, now + 1000, now + 5000, Number.POSITIVE_INFINITY]);
    machine.notice ??= { deadline, inMetadataFrom: late(), inStatusFrom: late() };
  };
  return [
    notice,
    notice,
    () => (machine.rebalanced = true),
    () => (chance.happens(0.3) ? endMachine(machine, now, chance) : undefined),
    // Somebody stops it in the console.
    () => {
      if (machine.state === 'running' && chance.happens(0.2)) machine.state = 'stopped';
    },
    () => (machine.reachable = !machine.reachable),
    () => (machine.reachable = true),
    // EC2 does not show it for a moment, which never lasts long.
    () => {
      if (now - machine.hiddenUntil > 300_000) machine.hiddenUntil = now + chance.between(500, 60_000);
    },
  ];
}

/** Somebody cancels a fleet in the console. */
function cancelByOthers({ region, chance }: Life): void {
  const active = region.fleets.filter((one) => one.state === 'active');
  const fleet = active[chance.between(0, Math.max(0, active.length - 1))];
  if (fleet !== undefined) cancelFleet(region, fleet.id, chance);
}

function toggleCapacity({ region, record, chance }: Life): void {
  const { instance_type, instance_types = [] } = record.specification.spot_instance;
  const type = chance.pick([instance_type, ...instance_types]);
  if (!region.capacity.delete(type)) region.capacity.add(type);
}

function toggleRefusal({ region, chance }: Life): void {
  if (region.refusal !== undefined) delete region.refusal;
  else if (chance.happens(0.3)) {
    const sort = chance.pick<FleetTrouble['sort']>([
      'quota',
      'price',
      'unsupported',
      'configuration',
      'other',
    ]);
    region.refusal = { sort, code: sort, message: 'no' };
  }
}

/** From now on nothing goes wrong any more, and what was wrong is put right. */
export function calm(life: Life): void {
  const { region, record } = life;
  life.stormy = false;
  region.silent = false;
  region.credentialsExpired = false;
  region.elsewhere = false;
  region.keepsFleets = false;
  delete region.refusal;
  const { instance_type, instance_types = [] } = record.specification.spot_instance;
  for (const type of [instance_type, ...instance_types]) region.capacity.add(type);
  for (const machine of region.machines) machine.reachable = true;
}
