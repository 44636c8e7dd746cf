// Why a spot fleet gives no instance: the events of its history, sorted.
import type { FleetTrouble } from '../portal/cloud.ts';

const sorts: readonly (readonly [FleetTrouble['sort'], RegExp])[] = [
  [
    'capacity',
    /Specs?TemporarilyBlacklisted|capacity-not-available|InsufficientInstanceCapacity|UnfulfillableCapacity/i,
  ],
  ['quota', /spotInstanceCountLimitExceeded|MaxSpotInstanceCountExceeded|VcpuLimitExceeded|limitExceeded/i],
  ['price', /price-too-low|launchSpecUnusable|fleetProgressHalted/i],
  [
    'configuration',
    /iamFleetRoleInvalid|spotFleetRequestConfigurationInvalid|bad-parameters|InvalidParameter|Unauthorized/i,
  ],
];

/** The trouble that an event of the fleet's history tells of. */
export function fleetTrouble(code: string, message: string): FleetTrouble {
  const text = `${code} ${message}`;
  const sort = sorts.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
  return { sort, code, message };
}
