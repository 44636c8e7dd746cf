// One mistake a row: what is changed in the example, and what EC2's answers say about it then.
import type { ErrorKind } from '../../protocol/errors.ts';
import type { FindingLevel } from '../../protocol/finding.ts';
import type { Specification } from '../../protocol/specification/schema.ts';

export type Change = (wanted: Specification) => unknown;

export const instance =
  (fields: Partial<Record<keyof Specification['spot_instance'], unknown>>): Change =>
  (wanted) =>
    Object.assign(wanted.spot_instance, fields);
const volume =
  (id: string): Change =>
  (wanted) =>
    Object.assign(wanted.persistent_volumes[0] ?? {}, { volume_id: id });

export const rows: readonly (readonly [
  what: string,
  change: Change,
  level: FindingLevel,
  kind: ErrorKind,
  path: string,
  says: RegExp,
])[] = [
  [
    'an unknown key pair',
    instance({ key_pair_name: 'nobody' }),
    'refusal',
    'key-pair',
    'spot_instance.key_pair_name',
    /nobody/,
  ],
  [
    'an unknown security group',
    instance({ security_group_id: 'sg-0aaaaaaaaaaaaaaaa' }),
    'refusal',
    'not-found',
    'spot_instance.security_group_id',
    /sg-0aaaaaaaaaaaaaaaa/,
  ],
  [
    'a group that lets nobody in',
    instance({ security_group_id: 'sg-00000000000000001' }),
    'problem',
    'configuration',
    'spot_instance.security_group_id',
    /lets nobody in on port 22/,
  ],
  [
    'a group that lets everybody in on other ports',
    instance({ security_group_id: 'sg-00000000000000004' }),
    'problem',
    'configuration',
    'spot_instance.security_group_id',
    /lets nobody in on port 22/,
  ],
  [
    'a group that lets others in',
    instance({ security_group_id: 'sg-00000000000000003' }),
    'problem',
    'configuration',
    'spot_instance.security_group_id',
    /only 198\.51\.100\.0\/24 in on port 22, and you are 203\.0\.113\.7/,
  ],
  [
    'a zone of another Region',
    (wanted) => {
      Object.assign(wanted.spot_instance, { availability_zone: 'us-east-1a' });
      delete (wanted.spot_instance as { subnet_id?: string }).subnet_id;
      wanted.persistent_volumes.splice(0);
    },
    'refusal',
    'zone',
    'spot_instance.availability_zone',
    /us-east-1a is no zone of eu-central-1|us-east-1a has no default subnet/,
  ],
  [
    'a zone without a default subnet',
    (wanted) => {
      Object.assign(wanted.spot_instance, { availability_zone: 'eu-central-1c' });
      delete (wanted.spot_instance as { subnet_id?: string }).subnet_id;
      wanted.persistent_volumes.splice(0);
    },
    'refusal',
    'zone',
    'spot_instance.availability_zone',
    /eu-central-1c has no default subnet/,
  ],
  [
    'a subnet of another zone',
    instance({ subnet_id: 'subnet-00000000000000002' }),
    'refusal',
    'zone',
    'spot_instance.subnet_id',
    /is in eu-central-1b/,
  ],
  [
    'a subnet that gives no public address',
    instance({ subnet_id: 'subnet-00000000000000003' }),
    'problem',
    'no-public-address',
    'spot_instance.subnet_id',
    /no public address/,
  ],
  [
    'an unknown image',
    instance({ image_id: 'ami-0aaaaaaaaaaaaaaaa' }),
    'refusal',
    'not-found',
    'spot_instance.image_id',
    /ami-0aaaaaaaaaaaaaaaa/,
  ],
  [
    'an image of Windows',
    instance({ image_id: 'ami-0fedcba9876543210' }),
    'refusal',
    'configuration',
    'spot_instance.image_id',
    /ami-0fedcba9876543210 is one of windows: Windows_Server-2025/,
  ],
  [
    'a type that there is not',
    instance({ instance_types: ['g99.large'] }),
    'refusal',
    'not-found',
    'spot_instance.instance_types.0',
    /no instance type g99\.large/,
  ],
  [
    'a type of another architecture than the image',
    instance({ instance_types: ['m5.large', 'm7g.large'] }),
    'refusal',
    'configuration',
    'spot_instance.instance_types.1',
    /m7g\.large has arm64 processors, and the image is made for x86_64/,
  ],
  [
    'a type that the zone does not offer',
    instance({ instance_types: ['c5.large'] }),
    'problem',
    'capacity',
    'spot_instance.instance_types.0',
    /c5\.large has no spot price in eu-central-1a/,
  ],
  [
    'a volume of another zone',
    volume('vol-0fedcba9876543210'),
    'refusal',
    'zone',
    'persistent_volumes.0.volume_id',
    /is in eu-central-1b/,
  ],
  [
    'an unknown volume',
    volume('vol-0aaaaaaaaaaaaaaaa'),
    'refusal',
    'not-found',
    'persistent_volumes.0.volume_id',
    /vol-0aaaaaaaaaaaaaaaa/,
  ],
  [
    'a role of another account',
    (wanted) => (wanted.spot_fleet.iam_fleet_role = 'arn:aws:iam::210987654321:role/fleet'),
    'problem',
    'configuration',
    'spot_fleet.iam_fleet_role',
    /belongs to account 210987654321, and portald works in 123456789012/,
  ],
  [
    'a user in the place of a role',
    (wanted) => (wanted.spot_fleet.iam_fleet_role = 'arn:aws:iam::123456789012:user/me'),
    'problem',
    'configuration',
    'spot_fleet.iam_fleet_role',
    /not the ARN of a role/,
  ],
];
