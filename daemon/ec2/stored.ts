// The account's volumes and snapshots as clients see them, and how far a volume's modification is.
import type { StoredSnapshotView, StoredVolumeView } from '../../protocol/stored-view.ts';
import { tagNames } from '../portal/cloud.ts';
import type { Aws } from './aws.ts';
import { awsCodeOf } from './aws-errors.ts';
import type { Snapshot, Volume, VolumeModification } from './client-ec2.ts';
import { named, paged, sorted, toTags } from './describe.ts';

/** Which are meant: those that this portald created, or by a filter of EC2's; all without either. */
export interface Wanted {
  readonly areOurs?: boolean;
  readonly filter?: { readonly name: string; readonly values: readonly string[] };
}

/** How far the last change of a volume's size or type is. */
export interface Modification {
  /** EC2's own word: modifying, optimizing, completed or failed. From optimizing on the volume is as wished. */
  readonly state: string;
  readonly targetSizeGiB?: number;
  readonly targetType?: string;
  readonly percent: number;
  readonly message?: string;
}

/** All of it is asked of EC2; rejects with PortalError. */
export interface Stored {
  volumes(wanted: Wanted, signal: AbortSignal): Promise<StoredVolumeView[]>;
  /** Those of the account. */
  snapshots(wanted: Wanted, signal: AbortSignal): Promise<StoredSnapshotView[]>;
  /** One by its id, also if another account shares it. */
  snapshot(id: string, signal: AbortSignal): Promise<StoredSnapshotView | undefined>;
  modification(volumeId: string, signal: AbortSignal): Promise<Modification | undefined>;
  zones(signal: AbortSignal): Promise<string[]>;
}

/** `portalOf`: which portal, not closed, names a volume. `perPage`: how many one call is to bring; EC2 takes 5 to 1000. */
export function createStored(
  aws: Aws,
  installation: string,
  portalOf: (volumeId: string) => string | undefined,
  perPage = 500,
): Stored {
  const filters = ({ areOurs, filter }: Wanted): { Filters?: { Name: string; Values: string[] }[] } => {
    const all = [
      ...(areOurs === true
        ? [
            { Name: `tag:${tagNames.installation}`, Values: [installation] },
            { Name: 'tag-key', Values: [tagNames.createdBy] },
          ]
        : []),
      ...(filter === undefined ? [] : [{ Name: filter.name, Values: [...filter.values] }]),
    ];
    return all.length === 0 ? {} : { Filters: all };
  };
  const isOurs = (tags: Readonly<Record<string, string>>): boolean =>
    tags[tagNames.installation] === installation && tags[tagNames.createdBy] !== undefined;

  const volumeView = (one: Volume): StoredVolumeView => {
    const id = one.VolumeId ?? '';
    const portal = portalOf(id);
    const tags = toTags(one.Tags);
    return {
      id,
      ...common(one, tags),
      isOurs: isOurs(tags),
      ...timeOf(one.CreateTime),
      type: one.VolumeType ?? '',
      zone: one.AvailabilityZone ?? '',
      sizeGiB: one.Size ?? 0,
      ...(one.SnapshotId !== undefined && one.SnapshotId !== '' && { snapshotId: one.SnapshotId }),
      // An attachment that EC2 still lists as detached is none.
      attachments: (one.Attachments ?? [])
        .filter((each) => each.State !== 'detached')
        .map((each) => ({
          instanceId: each.InstanceId ?? '',
          device: each.Device ?? '',
          state: each.State ?? '',
        })),
      ...(portal !== undefined && { portal }),
    };
  };
  const snapshotView = (one: Snapshot): StoredSnapshotView => {
    const percent = Number.parseInt(one.Progress ?? '', 10);
    const tags = toTags(one.Tags);
    return {
      id: one.SnapshotId ?? '',
      ...common(one, tags),
      isOurs: isOurs(tags),
      ...timeOf(one.StartTime),
      sizeGiB: one.VolumeSize ?? 0,
      description: one.Description ?? '',
      ...(one.VolumeId !== undefined && { volumeId: one.VolumeId }),
      ...(!Number.isNaN(percent) && { percent }),
    };
  };

  return {
    volumes: (wanted, abortSignal) =>
      looked('looking at the volumes', abortSignal, async () => {
        const ec2 = await aws.client();
        return paged(async (token) => {
          const request = { ...filters(wanted), MaxResults: perPage, ...token };
          const answer = await ec2.describeVolumes(request, { abortSignal });
          return { items: named((answer.Volumes ?? []).map(volumeView)), next: answer.NextToken };
        });
      }),
    snapshots: (wanted, abortSignal) =>
      looked('looking at the snapshots', abortSignal, async () => {
        const ec2 = await aws.client();
        return paged(async (token) => {
          const request = { OwnerIds: ['self'], ...filters(wanted), MaxResults: perPage, ...token };
          const answer = await ec2.describeSnapshots(request, { abortSignal });
          return { items: named((answer.Snapshots ?? []).map(snapshotView)), next: answer.NextToken };
        });
      }),
    snapshot: (id, abortSignal) =>
      looked(`looking at snapshot ${id}`, abortSignal, async () => {
        const ec2 = await aws.client();
        // By id: a filter would have EC2 search through all public snapshots there are.
        const answer = await ec2
          .describeSnapshots({ SnapshotIds: [id] }, { abortSignal })
          .catch((error: unknown) => {
            if (awsCodeOf(error) !== 'InvalidSnapshot.NotFound') throw error;
            return { Snapshots: [] };
          });
        return answer.Snapshots?.map(snapshotView)[0];
      }),
    modification: (volumeId, abortSignal) =>
      looked(`looking at the modification of ${volumeId}`, abortSignal, async () => {
        const ec2 = await aws.client();
        // By filter: a volume that never was modified would fail the call.
        const all = await paged(async (token) => {
          const request = { Filters: [{ Name: 'volume-id', Values: [volumeId] }], ...token };
          const answer = await ec2.describeVolumesModifications(request, { abortSignal });
          return { items: answer.VolumesModifications ?? [], next: answer.NextToken };
        });
        const [latest] = all.toSorted((one, other) => startOf(other) - startOf(one));
        return latest === undefined ? undefined : toModification(latest);
      }),
    zones: (abortSignal) =>
      looked('looking at the zones', abortSignal, async () => {
        const ec2 = await aws.client();
        const answer = await ec2.describeAvailabilityZones({}, { abortSignal });
        return (answer.AvailabilityZones ?? []).map((one) => one.ZoneName ?? '').toSorted();
      }),
  };
}

/** AWS's errors of `call` as ours; an AbortError if it was given up. */
async function looked<T>(doing: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    return await sorted(doing, call);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function common(
  one: { State?: string | undefined; Encrypted?: boolean | undefined },
  tags: Readonly<Record<string, string>>,
): { name: string; state: string; isEncrypted: boolean; tags: Readonly<Record<string, string>> } {
  return { name: tags['Name'] ?? '', state: one.State ?? '', isEncrypted: one.Encrypted === true, tags };
}

function timeOf(time: Date | undefined): { createdAt?: string } {
  return time === undefined ? {} : { createdAt: time.toISOString() };
}

function startOf(one: VolumeModification): number {
  return one.StartTime?.getTime() ?? 0;
}

function toModification(one: VolumeModification): Modification {
  return {
    state: one.ModificationState ?? 'modifying',
    percent: one.Progress ?? 0,
    ...(one.TargetSize !== undefined && { targetSizeGiB: one.TargetSize }),
    ...(one.TargetVolumeType !== undefined && { targetType: one.TargetVolumeType }),
    ...(one.StatusMessage !== undefined && one.StatusMessage !== '' && { message: one.StatusMessage }),
  };
}
