// Capacity and prices of the spot pools (an instance type in a zone).
import type { InstanceTypeDefinition, World } from '../world/world.ts';
import type { Price, Region } from './model.ts';

const poolOf = (instanceType: string, zone: string) => `${instanceType} ${zone}`;

/** The instance type of that name, if the region has it. */
export function instanceTypeOf(world: World, name: string): InstanceTypeDefinition | undefined {
  return world.instanceTypes.find((type) => type.instanceType === name);
}

/** What the pools hold at the start. */
export function initialCapacity(world: World): Map<string, number> {
  const pools = new Map<string, number>();
  for (const type of world.instanceTypes) {
    for (const zone of world.zones) {
      const free = typeof type.capacity === 'object' ? (type.capacity[zone] ?? 0) : type.capacity;
      pools.set(poolOf(type.instanceType, zone), typeof free === 'number' ? free : Number.POSITIVE_INFINITY);
    }
  }
  return pools;
}

/** What the pools cost at the start. */
export function initialPrices(world: World, atMs: number): Price[] {
  return world.instanceTypes.flatMap((type) =>
    world.zones.flatMap((zone) => {
      const dollars = typeof type.spotPrice === 'object' ? type.spotPrice[zone] : type.spotPrice;
      return dollars === undefined ? [] : [{ instanceType: type.instanceType, zone, dollars, atMs }];
    }),
  );
}

/** Machines that a pool can still give. */
export function freeIn(region: Region, instanceType: string, zone: string): number {
  return region.capacity.get(poolOf(instanceType, zone)) ?? 0;
}

/** Sets what a pool can still give. */
export function setFree(region: Region, instanceType: string, zone: string, free: number): void {
  region.capacity.set(poolOf(instanceType, zone), free);
}

/** The pool's price now, in dollars an hour; undefined where the type is not sold. */
export function priceIn(region: Region, instanceType: string, zone: string): number | undefined {
  return region.prices.findLast((price) => price.instanceType === instanceType && price.zone === zone)
    ?.dollars;
}
