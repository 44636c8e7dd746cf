// The region that the benchmark plays in: for each portal a volume, and pools that nobody else draws from.
import type { World } from '../fixture/programs-fixture.ts';

export const zone = 'eu-central-1a';
export const mountPoint = '/home/ubuntu/workspace';

/** Milliseconds, about what EC2 takes. A boot is pendingToRunning and cloudInit together: 25 to 60 s. */
export const delays = {
  fleetFulfil: { min: 500, max: 2000 },
  pendingToRunning: { min: 10_000, max: 25_000 },
  cloudInit: { min: 15_000, max: 35_000 },
  attach: { min: 1000, max: 4000 },
  detach: { min: 1000, max: 4000 },
  terminate: { min: 10_000, max: 30_000 },
  terminatedVisible: 60_000,
} as const;

/** How long a portal is left alone before an interruption. */
export const pauseMs = { min: 2000, max: 20_000 };
/** For how long an interrupted pool gives nothing, in half of the cases. */
export const refusesMs = { min: 120_000, max: 300_000 };

export function volumeOf(portal: number): string {
  return `vol-${(portal + 1).toString(16).padStart(17, '0')}`;
}

/** Enough that the next one gives an instance while earlier ones still refuse. */
const poolsOfPortal = ['a', 'b', 'c', 'd', 'e', 'f'];

/** The portal's instance types, in the order in which they are wanted. */
export function typesOf(portal: number): string[] {
  return poolsOfPortal.map((pool) => `m${portal + 1}${pool}.large`);
}

/** The sandbox's world for so many portals. */
export function worldOf(seed: number, portals: number): World {
  const all = Array.from({ length: portals }, (_, portal) => portal);
  return {
    seed,
    delays,
    volumes: all.map((portal) => ({ volumeId: volumeOf(portal), zone, sizeGiB: 1, formatted: 'ext4' })),
    instanceTypes: all.flatMap((portal) =>
      // The first wanted is the cheapest, so that who asks for all at once is given the same.
      typesOf(portal).map((instanceType, place) => ({
        instanceType,
        vCpus: 1,
        spotPrice: 0.04 + place / 100,
      })),
    ),
  };
}
