// What a record must hold for portald to work by it. A record that does not is damaged, however well it can be parsed. Not
// stricter than that: what an earlier portald wrote must not be set aside for a rule that came later.

/** A list has items of one shape; a field whose name ends with `?` may be absent. */
type Shape = 'text' | 'number' | 'flag' | readonly [item: Shape] | { readonly [field: string]: Shape };

const specification: Shape = {
  spot_instance: {
    instance_type: 'text',
    'instance_types?': ['text'],
    image_id: 'text',
    key_pair_name: 'text',
    identity_file: 'text',
    security_group_id: 'text',
    availability_zone: 'text',
    remote_group: 'text',
    remote_user: 'text',
    'python_virtual_env?': 'text',
    'extra_python_packages?': ['text'],
  },
  spot_fleet: { iam_fleet_role: 'text' },
  persistent_volumes: [{ volume_id: 'text', device: 'text', mount_point: 'text' }],
  channels: [{ direction: 'text', local_path: 'text', remote_path: 'text', 'exclude?': ['text'] }],
  'on_open?': ['text'],
  'on_interruption?': ['text'],
};

const generation: Shape = {
  number: 'number',
  startedAt: 'number',
  request: { token: 'text', instanceTypes: ['text'], zone: 'text', userData: 'text' },
  hostKeys: ['text'],
  login: { user: 'text', port: 'number', identityFile: 'text', hostKey: 'text' },
  'requestedAt?': 'number',
  'unanswered?': { kind: 'text', message: 'text', at: 'number', failures: 'number', notBefore: 'number' },
  'fleetId?': 'text',
  'instanceId?': 'text',
  'goneAt?': 'number',
  'notice?': { deadline: 'number', seenBy: 'text', seenAt: 'number' },
};

const record: Shape = {
  version: 'number',
  name: 'text',
  place: { 'account?': 'text', 'region?': 'text' },
  specificationPath: 'text',
  specificationText: 'text',
  specification,
  wish: 'text',
  wishedAt: 'number',
  'closedAt?': 'number',
  opening: 'text',
  openedAt: 'number',
  nextGeneration: 'number',
  generations: [generation],
  holder: 'number',
  everOpen: 'flag',
  pools: [
    {
      instanceType: 'text',
      kind: 'text',
      message: 'text',
      failures: 'number',
      since: 'number',
      at: 'number',
      until: 'number',
    },
  ],
  'next?': { specification },
  'failure?': { kind: 'text', message: 'text', at: 'number' },
  'pausedChannels?': ['number'],
  'history?': [{ at: 'text', level: 'text', text: 'text' }],
};

/** What is wrong with a value as a record, with its place; undefined if nothing is. */
export function misshapen(value: unknown): string | undefined {
  return wrongIn(value, record, '');
}

const kinds = { text: 'string', number: 'number', flag: 'boolean' } as const;

function wrongIn(value: unknown, shape: Shape, path: string): string | undefined {
  if (typeof shape === 'string')
    return typeof value === kinds[shape] ? undefined : `${path || 'it'} is no ${shape}`;
  if (isList(shape)) {
    if (!Array.isArray(value)) return `${path} is no list`;
    return firstOf(value.map((item, index) => wrongIn(item, shape[0], `${path}[${index}]`)));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `${path || 'it'} is no object`;
  const fields: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  return firstOf(
    Object.entries(shape).map(([key, inner]) => {
      const name = key.replace('?', '');
      const isAbsent = fields.get(name) === undefined;
      return isAbsent && key !== name
        ? undefined
        : wrongIn(fields.get(name), inner, path === '' ? name : `${path}.${name}`);
    }),
  );
}

function isList(shape: Exclude<Shape, string>): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function firstOf(wrong: readonly (string | undefined)[]): string | undefined {
  return wrong.find((one) => one !== undefined);
}
