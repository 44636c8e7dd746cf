// Why a fleet gives no instance, by the codes and texts that AWS gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FleetEvent, fleetTrouble } from '../../daemon/ec2/fleet-trouble.ts';
import type { FleetTrouble } from '../../daemon/portal/cloud.ts';

const error = (code: string, text = ''): FleetEvent => ({ type: 'error', code, text });
const information = (code: string, text = ''): FleetEvent => ({ type: 'information', code, text });
const blacklisted = (cause: string): FleetEvent =>
  information(
    'launchSpecTemporarilyBlacklisted',
    `m5.large, ami-1, Linux/UNIX, eu-central-1a: Repeated errors have occurred processing the launch specification. It will not be retried for at least 13 minutes. Error message: ${cause}`,
  );
const all = error(
  'allLaunchSpecsTemporarilyBlacklisted',
  'Several attempts to launch instances have failed.',
);

const rows: [what: string, events: FleetEvent[], sort: FleetTrouble['sort'] | undefined][] = [
  ['nothing', [], undefined],
  [
    'what is no trouble',
    [{ type: 'fleetRequestChange', code: 'active', text: '' }, information('registered')],
    undefined,
  ],
  ['repeated failures without a cause', [all], 'capacity'],
  ['a cause beside them: a key pair', [blacklisted('InvalidKeyPair.NotFound'), all], 'configuration'],
  [
    'a cause that comes after them',
    [all, blacklisted("The key pair 'x' does not exist (Service: AmazonEC2)")],
    'configuration',
  ],
  [
    'the architecture',
    [
      blacklisted(
        "The architecture 'x86_64' of the specified instance type does not match the architecture 'arm64' of the specified AMI",
      ),
      all,
    ],
    'unsupported',
  ],
  [
    'a type that the zone does not have',
    [
      error(
        'spotFleetRequestConfigurationInvalid',
        'Your requested instance type (p3.2xlarge) is not supported in your requested Availability Zone (eu-central-1c).',
      ),
    ],
    'unsupported',
  ],
  ['the quota of instances', [blacklisted('Spot Max Instance Count Exceeded'), all], 'quota'],
  ['the quota of vCPUs', [blacklisted('VcpuLimitExceeded'), all], 'quota'],
  ['the quota as a code', [error('spotInstanceCountLimitExceeded')], 'quota'],
  [
    'capacity under another code',
    [
      error(
        'spotFleetRequestConfigurationInvalid',
        'We currently do not have sufficient g5.xlarge capacity in the Availability Zone you requested (eu-central-1a).',
      ),
    ],
    'capacity',
  ],
  [
    'capacity',
    [blacklisted('There is no Spot capacity available that matches your request.'), all],
    'capacity',
  ],
  ['capacity as EC2 calls it', [blacklisted('InsufficientInstanceCapacity'), all], 'capacity'],
  [
    'a price as information',
    [information('launchSpecUnusable', 'Spot bid price is less than Spot market price $-1.0000')],
    'price',
  ],
  ['a price without words', [information('fleetProgressHalted')], 'price'],
  ['the role', [error('iamFleetRoleInvalid', 'The IAM fleet role is not valid')], 'configuration'],
  ['a configuration without words', [error('spotFleetRequestConfigurationInvalid')], 'configuration'],
  [
    'a right that the role lacks',
    [error('spotFleetRequestConfigurationInvalid', 'Unauthorized')],
    'configuration',
  ],
  [
    'a cause that is newer than another',
    [blacklisted('InvalidKeyPair.NotFound'), blacklisted('VcpuLimitExceeded'), all],
    'quota',
  ],
  ['an error of tomorrow', [error('somethingNew', 'of another kind')], 'other'],
];
for (const [what, events, sort] of rows) {
  test(what, () => {
    const trouble = fleetTrouble(events);
    assert.equal(trouble?.sort, sort);
    const told = events.some(({ code, text }) => code === trouble?.code && text === trouble.message);
    assert.equal(told, sort !== undefined, 'in the words of one of them');
  });
}
