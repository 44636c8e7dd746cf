// The method table: every call that a client can make, its parameters as a schema and its result as a type.
import type { CheckView } from './check-view.ts';
import type { ErrorData } from './errors.ts';
import type { FindingView } from './finding.ts';
import type { ImageView } from './image-view.ts';
import type { Offers } from './offers.ts';
import type { OrphanView } from './orphan-view.ts';
import type { Happening } from './portal-history.ts';
import type { PortalView } from './portal-view.ts';
import type { PriceHistory } from './price-history.ts';
import type { Infer, ObjectSchema } from './schema.ts';
import { type VolumeMethodResults, volumeMethodParameters } from './volume-methods.ts';

/** Version of the protocol; both sides of a connection must share one. */
export const protocolVersion = 1;

const portalName = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
  form: '1 to 63 letters (a to z), digits, dots, underscores and dashes, beginning with a letter or a digit',
  description: 'name of a portal',
} as const;

const absolutePath = {
  type: 'string',
  pattern: '^/',
  form: 'an absolute path',
  description: 'the specification file',
} as const;

const nameOnly = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: { name: portalName },
} as const;

/** A specification, and for whom it is looked at. */
const openedSpecification = {
  path: absolutePath,
  text: { type: 'string', maxLength: 524288, description: "the file's text" },
  environment: {
    type: 'object',
    additionalProperties: false,
    required: [],
    properties: {
      profile: { type: 'string', description: 'AWS_PROFILE of the client' },
      region: { type: 'string', description: 'AWS_REGION of the client' },
      accessKeyId: { type: 'string', description: 'AWS_ACCESS_KEY_ID of the client; not a secret' },
    },
    description: "which account the client's own environment names; refused if the daemon's is another",
  },
} as const;

const channelOfPortal = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: portalName,
    index: {
      type: 'integer',
      minimum: 0,
      description: 'position in the specification; all channels without it',
    },
  },
} as const;

const none = { type: 'object', additionalProperties: false, required: [], properties: {} } as const;

/** Parameter schemas by method name. */
export const methodParameters = {
  'daemon.hello': {
    type: 'object',
    additionalProperties: false,
    required: ['versions'],
    properties: {
      versions: {
        type: 'array',
        items: { type: 'integer' },
        minItems: 1,
        description: 'versions the client speaks',
      },
      client: { type: 'string', maxLength: 200, description: 'name and version of the client, for the log' },
    },
  },
  'daemon.status': none,
  'portal.open': {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'path', 'text'],
    properties: { name: portalName, ...openedSpecification },
  },
  'portal.reload': {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'path', 'text'],
    properties: { name: portalName, ...openedSpecification },
  },
  'specification.check': {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'text'],
    properties: openedSpecification,
  },
  'account.offers': {
    type: 'object',
    additionalProperties: false,
    required: ['instanceType'],
    properties: {
      instanceType: {
        type: 'string',
        minLength: 1,
        description: 'what is to be launched; decides prices and images',
      },
    },
  },
  'portal.close': {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: portalName,
      path: {
        ...absolutePath,
        description: 'absolute path of the specification; refused if the portal was opened from another',
      },
    },
  },
  'portal.status': nameOnly,
  'portal.explain': nameOnly,
  'portal.list': none,
  'channel.synchronise': channelOfPortal,
  'channel.pause': channelOfPortal,
  'channel.resume': channelOfPortal,
  'orphan.list': none,
  'orphan.remove': {
    type: 'object',
    additionalProperties: false,
    required: ['ids'],
    properties: {
      ids: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'string',
          pattern: '^(i|sfr|vol|snap)-[0-9a-f-]{1,64}$',
          form: 'the id of an instance (i-…), spot fleet (sfr-…), volume (vol-…) or snapshot (snap-…)',
        },
        description: 'what to end or delete; nothing is touched unless orphan.list has every one of them',
      },
    },
  },
  'price.history': {
    type: 'object',
    additionalProperties: false,
    required: ['days'],
    properties: {
      name: portalName,
      types: {
        type: 'array',
        items: {
          type: 'string',
          pattern: '^[a-z0-9-]{1,40}\\.[a-z0-9-]{1,40}$',
          form: 'an instance type such as g5.xlarge',
        },
        minItems: 1,
        description: 'instance types; beside those of the portal',
      },
      days: { type: 'integer', minimum: 1, maximum: 90, description: 'how far back; EC2 keeps 90 days' },
    },
  },
  'image.search': {
    type: 'object',
    additionalProperties: false,
    required: ['words'],
    properties: {
      words: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', minLength: 1, maxLength: 100 },
        description: 'all of them must be in the name or the description, in any order and case',
      },
      owner: {
        type: 'string',
        pattern: '^(amazon|self|[0-9]{12})$',
        form: 'amazon, self, or an account id of 12 digits',
        description: "whose images; amazon's and one's own without it",
      },
      architecture: { type: 'string', enum: ['x86_64', 'arm64'] },
    },
  },
  'daemon.diagnose': none,
  'events.subscribe': none,
  ...volumeMethodParameters,
} as const satisfies Record<string, ObjectSchema>;

export type MethodName = keyof typeof methodParameters;

/** Every method of the table. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table is a constant: it has no other keys
export const methodNames = Object.keys(methodParameters) as readonly MethodName[];

export type MethodParameters = { [M in MethodName]: Infer<(typeof methodParameters)[M]> };

/** Which AWS account and Region the daemon works in, as far as it knows. */
export interface AwsIdentity {
  readonly profile?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  /** Set if the keys are those of the daemon's own environment: then no profile counts. */
  readonly keysFromEnvironment?: true;
  /** Account id; known after the first successful call. */
  readonly account?: string;
}

export interface MethodResults extends VolumeMethodResults {
  /** `now`: the daemon's time, which is AWS's; every time in a view is told in it. */
  'daemon.hello': { version: number; daemon: string; now: string; aws: AwsIdentity };
  'daemon.status': {
    version: string;
    pid: number;
    startedAt: string;
    stateFolder: string;
    logFile: string;
    aws: AwsIdentity;
    /** Records that could not be read and were set aside, by file. */
    setAside: readonly { portal: string; file: string; reason: string }[];
    portals: readonly PortalView[];
  };
  /** `differs`: it was open before, and what the text says now is not what it was opened with. */
  'portal.open': { portal: PortalView; differs?: true };
  /** `findings`: what the account says of it, in the order of the text; none with level `refusal` for one that opens. */
  'specification.check': { findings: readonly FindingView[] };
  'account.offers': Offers;
  'portal.close': { portal: PortalView };
  /** `edited`: its file says something else than what it was opened or reloaded with. */
  'portal.status': { portal: PortalView; edited?: true };
  'portal.reload': { portal: PortalView };
  /** `history`: the latest that happened to it, oldest first. */
  'portal.explain': { portal: PortalView; history: readonly Happening[] };
  'portal.list': { portals: readonly PortalView[] };
  /** Once all that was saved before the call has arrived. */
  'channel.synchronise': { portal: PortalView };
  'channel.pause': { portal: PortalView };
  'channel.resume': { portal: PortalView };
  'orphan.list': { orphans: readonly OrphanView[] };
  /** `failed`: what AWS refused, or did not answer; it is still there. */
  'orphan.remove': {
    removed: readonly OrphanView[];
    failed: readonly { id: string; error: ErrorData & { message: string } }[];
  };
  'price.history': PriceHistory;
  /** `images`: newest first. `isCut`: EC2 has more that might match than were looked at. */
  'image.search': { images: readonly ImageView[]; isCut: boolean };
  /** `agentSocket`: the SSH agent that portald sees. */
  'daemon.diagnose': { checks: readonly CheckView[]; stateFolder: string; agentSocket?: string };
  'events.subscribe': { sequence: number };
}
