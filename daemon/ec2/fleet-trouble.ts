// Why a spot fleet gives no instance, from the events of its history. The code of an event often says only that something
// failed again; what failed stands in its text, or in the text of another event beside it. Pure.
import type { FleetTrouble } from '../portal/cloud.ts';

/** An event of a fleet's history, in its order. */
export interface FleetEvent {
  readonly type: string;
  readonly code: string;
  readonly text: string;
}

type Sort = FleetTrouble['sort'];

/**
 * What stands in texts, the more special first. Texts as AWS gives them (facts on EC2; Spot Fleet error codes and "Monitor
 * fleet events using Amazon EventBridge" in the EC2 user guide; the codes of RunInstances in "Error codes for the Amazon
 * EC2 API", which come after "Error message:").
 */
const byText: readonly (readonly [Sort, RegExp])[] = [
  // "Spot Max Instance Count Exceeded", "Max spot instance count exceeded", VcpuLimitExceeded, MaxSpotInstanceCountExceeded
  ['quota', /\bmax(imum)?\b.*\bexceeded|LimitExceeded|CountExceeded/i],
  // "The requested instance type is not supported in the requested Availability Zone", Unsupported, "The architecture …"
  [
    'unsupported',
    /not supported in (the|your) requested Availability Zone|\bUnsupported\b|architecture|instance type .*\b(not|does not) (be )?support/i,
  ],
  // "InvalidKeyPair.NotFound", "InvalidAMIID.NotFound", "The key pair … does not exist", InvalidParameterValue
  [
    'configuration',
    /\bInvalid[A-Z]\w+|\.NotFound|does not exist|Unauthorized|not authorized|bad-parameters/i,
  ],
  // "Spot bid price is less than Spot market price $-1.0000", SpotMaxPriceTooLow, price-too-low
  ['price', /\bprice is (less|lower|below)|below the Spot price|price-too-low|MaxPriceTooLow/i],
  // "We currently do not have sufficient m5.large capacity in the Availability Zone you requested", …
  [
    'capacity',
    /do not have sufficient .*capacity|no Spot capacity|Insufficient(Instance|Host)Capacity|UnfulfillableCapacity|capacity-not-available/i,
  ],
];

/** What an event's code means where its text says no more. */
const byCode: readonly (readonly [Sort, RegExp])[] = [
  ['quota', /^spotInstanceCountLimitExceeded$/i],
  ['price', /^(launchSpecUnusable|fleetProgressHalted)$/i],
  ['configuration', /^(iamFleetRoleInvalid|spotFleetRequestConfigurationInvalid)$/i],
  ['capacity', /^(allLaunchSpecs|launchSpec)TemporarilyBlacklisted$/i],
];

const sortIn = (table: typeof byText, text: string): Sort | undefined =>
  table.find(([, pattern]) => pattern.test(text))?.[0];

/** The latest trouble that the events tell of; undefined if there is none. */
export function fleetTrouble(events: readonly FleetEvent[]): FleetTrouble | undefined {
  // Some trouble comes as information, and much information is no trouble.
  const troubled = events.filter(
    ({ type, code }) => type === 'error' || (type === 'information' && sortIn(byCode, code) !== undefined),
  );
  const told = troubled.findLast(({ text }) => sortIn(byText, text) !== undefined);
  if (told !== undefined)
    return { sort: sortIn(byText, told.text) ?? 'other', code: told.code, message: told.text };
  const latest = troubled.at(-1);
  if (latest === undefined) return undefined;
  return { sort: sortIn(byCode, latest.code) ?? 'other', code: latest.code, message: latest.text };
}
