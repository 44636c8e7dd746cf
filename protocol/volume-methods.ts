// The part of the method table about volumes and snapshots: parameters as schemas, results as types.
import type { ErrorData } from './errors.ts';
import type { ObjectSchema } from './schema.ts';
import type { StoredSnapshotView, StoredVolumeView } from './stored-view.ts';

const volumeId = {
  type: 'string',
  pattern: '^vol-[0-9a-f]{1,64}$',
  form: 'the id of a volume (vol-…)',
} as const;

const snapshotId = {
  type: 'string',
  pattern: '^snap-[0-9a-f]{1,64}$',
  form: 'the id of a snapshot (snap-…)',
} as const;

const name = { type: 'string', minLength: 1, maxLength: 256, description: 'its tag Name' } as const;

const sizeGiB = { type: 'integer', minimum: 1, maximum: 65536 } as const;

const iops = { type: 'integer', minimum: 100, maximum: 256_000 } as const;

const type = {
  type: 'string',
  pattern: '^[a-z][a-z0-9]{1,15}$',
  form: 'a type of EBS volume, as gp3',
} as const;

const tags = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['key', 'value'],
    properties: {
      key: {
        type: 'string',
        pattern: '^(?![aA][wW][sS]:|portald:)[^]{1,128}$',
        form: '1 to 128 characters that do not begin with aws: or portald:',
      },
      value: { type: 'string', maxLength: 256 },
    },
  },
} as const;

const force = { type: 'boolean', description: 'even if it is not ours, or in use' } as const;

const all = {
  type: 'boolean',
  description: 'those of the whole account and Region; only those of this portald without it',
} as const;

const allOnly = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: { all },
} as const;

export const volumeMethodParameters = {
  'volume.list': allOnly,
  'snapshot.list': allOnly,
  'volume.zones': { type: 'object', additionalProperties: false, required: [], properties: {} },
  'volume.create': {
    type: 'object',
    additionalProperties: false,
    required: ['zone'],
    properties: {
      zone: { type: 'string', minLength: 1, maxLength: 64 },
      sizeGiB: { ...sizeGiB, description: "by default the snapshot's; needed without one" },
      snapshotId,
      name: { ...name, description: "its tag Name; by default the snapshot's" },
      type: { ...type, description: 'gp3 by default' },
      iops: { ...iops, description: 'needed for io1 and io2' },
      tags,
    },
  },
  'volume.update': {
    type: 'object',
    additionalProperties: false,
    required: ['id'],
    properties: { id: volumeId, name, sizeGiB, type, tags, force },
  },
  'volume.delete': {
    type: 'object',
    additionalProperties: false,
    required: ['ids'],
    properties: {
      ids: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'string',
          pattern: '^(vol|snap)-[0-9a-f]{1,64}$',
          form: 'the id of a volume (vol-…) or a snapshot (snap-…)',
        },
      },
      force,
      isTrial: { type: 'boolean', description: 'only tells what would be deleted' },
    },
  },
  'volume.snapshot': {
    type: 'object',
    additionalProperties: false,
    required: ['id'],
    properties: {
      id: volumeId,
      name,
      wait: { type: 'boolean', description: 'until the copy is complete; true by default' },
    },
  },
} as const satisfies Record<string, ObjectSchema>;

export interface VolumeMethodResults {
  'volume.list': { volumes: readonly StoredVolumeView[] };
  'snapshot.list': { snapshots: readonly StoredSnapshotView[] };
  /** The zones of the Region that the account may use. */
  'volume.zones': { zones: readonly string[] };
  /** Once it is available. */
  'volume.create': { volume: StoredVolumeView };
  /**
   * Once the volume is as wished and, if a size was given and an open portal has it mounted, its file system fills it.
   * `isModified`: AWS was asked to change size or type. `grown`: the file system's type, and the portal that has it.
   */
  'volume.update': {
    volume: StoredVolumeView;
    isModified: boolean;
    grown?: { portal: string; fileSystem: string };
  };
  /** Nothing is deleted if one of the ids may not be. `failed`: what AWS refused, or did not answer; it is still there. */
  'volume.delete': {
    volumes: readonly StoredVolumeView[];
    snapshots: readonly StoredSnapshotView[];
    failed: readonly { id: string; error: ErrorData & { message: string } }[];
  };
  /** `flushed`: the portal whose file systems were flushed before. `notFlushed`: why they could not be. */
  'volume.snapshot': { snapshot: StoredSnapshotView; flushed?: string; notFlushed?: string };
}
