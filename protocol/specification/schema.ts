// The portal specification: every field of the user's document, then our extensions (all optional, so that every
// specification of the original document stays valid as it is). `Specification` is derived from this table.
import type { Infer } from '../schema.ts';

const account = {
  type: 'string',
  pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$',
  form: 'letters, digits, dots, underscores and dashes, beginning with a letter or an underscore',
} as const;
const word = {
  type: 'string',
  pattern: '^[^\\s-][^\\s]*$',
  form: 'one word without spaces that begins with no dash',
} as const;

const instanceType = {
  type: 'string',
  pattern: '^[a-z][a-z0-9-]*\\.[a-z0-9-]+$',
  form: 'a family, a dot and a size, in small letters',
} as const;

/** `KIND-` and hexadecimal digits; EC2's ids have 8 or 17 of them. */
const idOf = <K extends string>(kind: K) =>
  ({
    type: 'string',
    pattern: `^${kind}-[0-9a-f]{1,64}$`,
    form: `an id: ${kind}- and hexadecimal digits`,
  }) as const;

const spotInstance = {
  type: 'object',
  description: 'the machine',
  additionalProperties: false,
  required: [
    'instance_type',
    'image_id',
    'key_pair_name',
    'identity_file',
    'security_group_id',
    'availability_zone',
    'remote_group',
    'remote_user',
  ],
  properties: {
    instance_type: { ...instanceType, description: 'EC2 instance type, for example g5.xlarge' },
    instance_types: {
      type: 'array',
      items: instanceType,
      description: 'further types that will do when instance_type has no capacity',
    },
    instance_types_order: {
      type: 'string',
      enum: ['listed', 'any'],
      description:
        'listed (default): instance_type first, then each of instance_types in turn; any: EC2 chooses the pool with the ' +
        'best price and capacity among all',
    },
    image_id: { ...idOf('ami'), description: 'Id of the machine image, ami-…' },
    key_pair_name: {
      type: 'string',
      // As EC2 takes it.
      pattern: '^[!-~](?:[ -~]{0,253}[!-~])?$',
      form: 'the name of a key pair: printable ASCII, without spaces at its ends',
      description: 'name of the EC2 key pair',
    },
    identity_file: {
      type: 'string',
      minLength: 1,
      description: 'private key file that belongs to the key pair',
    },
    security_group_id: { ...idOf('sg'), description: 'Id of the security group, sg-…' },
    availability_zone: { ...word, description: 'zone such as us-east-1a' },
    subnet_id: {
      ...idOf('subnet'),
      description: "Id of the subnet; the zone's default when absent",
    },
    ebs_optimized: { type: 'boolean', description: 'dedicated capacity for EBS' },
    remote_group: { ...account, description: "the image's default group" },
    remote_user: { ...account, description: "the image's default user" },
    python_virtual_env: {
      type: 'string',
      minLength: 1,
      description: 'folder of a virtual environment, or name or path of a conda environment',
    },
    extra_python_packages: {
      type: 'array',
      items: {
        type: 'string',
        // PEP 508: a name with extras, versions or an address, and a marker; or what pip takes as an address or path.
        // The time to match it grows with its length alone, which it tests first: one may come from anybody's file.
        pattern:
          '^(?=[^]{1,2048}$)(?:(?:[a-z]+\\+)?(?:https?|ssh|git|file)://\\S+|\\.{0,2}/\\S*|[A-Za-z0-9](?:[._-]*[A-Za-z0-9])*' +
          '(?: *\\[[A-Za-z0-9._, -]*\\])?(?: *@ *\\S+| *\\(?(?:===?|~=|!=|<=?|>=?) *[^\\s,;()]+(?: *, *(?:===?|~=|!=|<=?|>=?) *[^\\s,;()]+)*\\)?)?' +
          '(?: *;(?=.*(?:[=<>]| in )).*)?)$',
        form: 'a package as pip takes it, such as numpy or torch==2.9',
      },
      description: 'Python packages to install',
    },
    ssh_port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      description: 'SSH port of the instance, default 22',
    },
  },
} as const;

const volume = {
  type: 'object',
  additionalProperties: false,
  required: ['volume_id', 'device', 'mount_point'],
  properties: {
    volume_id: { ...idOf('vol'), description: 'Id of the EBS volume, vol-…' },
    device: {
      type: 'string',
      pattern: '^/dev/[A-Za-z0-9/_-]+$',
      form: 'a path in /dev',
      description: 'device name, for example /dev/xvdf',
    },
    mount_point: {
      type: 'string',
      // Tables of mounts are lines: a name with a line break in it could pass for another one.
      pattern: '^/[^\\u0000-\\u001f\\u007f]*$',
      form: 'an absolute path, which begins with "/" and has no control characters',
      description: 'folder on the instance',
    },
    format: {
      type: 'boolean',
      description: 'make an ext4 file system once, if and only if the volume is proved blank',
    },
  },
} as const;

const channel = {
  type: 'object',
  additionalProperties: false,
  required: ['direction', 'local_path', 'remote_path'],
  properties: {
    direction: {
      type: 'string',
      enum: ['in', 'out'],
      description: 'in: instance to here; out: here to instance',
    },
    local_path: {
      type: 'string',
      minLength: 1,
      description: 'path here; a trailing slash means what it means to rsync',
    },
    remote_path: {
      type: 'string',
      minLength: 1,
      description: 'path on the instance; trailing slash as in rsync',
    },
    recursive: { type: 'boolean', description: 'descend into folders; default false' },
    delay: {
      type: 'number',
      minimum: 0,
      maximum: 86400,
      description: 'seconds between two attempts; default 1',
    },
    exclude: {
      type: 'array',
      // rsync's own limit is that of a path.
      items: { type: 'string', minLength: 1, maxLength: 4096 },
      description: 'rsync exclude patterns',
    },
    delete: {
      type: 'boolean',
      description: 'delete on the receiving side what is gone from the source; default false',
    },
  },
} as const;

const commands = { type: 'array', items: { type: 'string', minLength: 1 } } as const;

/** JSON Schema of a portal specification. */
export const specificationSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['spot_instance', 'spot_fleet', 'persistent_volumes', 'channels'],
  properties: {
    spot_instance: spotInstance,
    spot_fleet: {
      type: 'object',
      description: 'who launches it',
      additionalProperties: false,
      required: ['iam_fleet_role'],
      properties: {
        iam_fleet_role: {
          type: 'string',
          pattern: '^arn:[^\\s]+$',
          form: 'an ARN such as arn:aws:iam::123456789012:role/NAME',
          description: 'the spot fleet role',
        },
      },
    },
    persistent_volumes: {
      type: 'array',
      items: volume,
      description: 'EBS volumes in the same zone; [] for none',
    },
    channels: { type: 'array', items: channel, description: 'folders and files kept in step; [] for none' },
    on_open: { ...commands, description: 'commands run on each new instance once it is ready' },
    on_interruption: { ...commands, description: 'commands run on an instance that was given notice' },
    host_key: {
      type: 'string',
      enum: ['seeded', 'console', 'first-use'],
      description: "where the instance's host key is known from; default seeded",
    },
  },
} as const;

export type Specification = Infer<typeof specificationSchema>;
export type VolumeSpecification = Infer<typeof volume>;
export type ChannelSpecification = Infer<typeof channel>;
