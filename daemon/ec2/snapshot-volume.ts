// Takes a snapshot, once however often the answer is lost, and waits until it is complete.
import { PortalError } from '../../protocol/errors.ts';
import type { MethodParameters, MethodResults } from '../../protocol/methods.ts';
import type { StoredSnapshotView, StoredVolumeView } from '../../protocol/stored-view.ts';
import { tagNames } from '../portal/cloud.ts';
import { sorted } from './describe.ts';
import { ownTags } from './own-tags.ts';
import { existingVolume } from './volume-guard.ts';
import type { RequestContext, VolumeParts } from './volume-parts.ts';
import { waitUntil } from './wait-until.ts';

const attempts = 3;
/** EC2 may not show at once what it has just made: so often, and so far apart, it is looked for. */
const looks = 4;
const lookPauseMs = 1500;
/** How long a snapshot that was made may not be shown. */
const unseenMs = 30_000;

export async function snapshotVolume(
  request: MethodParameters['volume.snapshot'],
  parts: VolumeParts,
  { signal, progress }: RequestContext,
): Promise<MethodResults['volume.snapshot']> {
  const { id, wait = true } = request;
  const volume = await existingVolume(id, parts.stored, signal);
  const flushing = await flush(volume, parts, progress);
  signal.throwIfAborted();
  progress(`taking a snapshot of ${id}`);
  const taken = await takeOnce(volume, request.name ?? volume.name, parts);
  if (!wait) return { snapshot: taken, ...flushing };

  const since = parts.now();
  let wasSeen = false;
  const snapshot = await waitUntil({
    ask: () => parts.stored.snapshots({ filter: { name: 'snapshot-id', values: [taken.id] } }, signal),
    judge: ([seen]) => {
      if (seen?.state === 'completed') return seen;
      const isGone = seen === undefined && (wasSeen || parts.now() - since > unseenMs);
      wasSeen ||= seen !== undefined;
      if (isGone || (seen !== undefined && seen.state !== 'pending')) {
        const state = seen === undefined ? 'it is gone' : `its state is ${seen.state}`;
        throw new PortalError('volume', `snapshot ${taken.id} of ${id} came to nothing: ${state}`, {
          hint: 'take another one; of an encrypted volume it needs the right to use its KMS key',
        });
      }
      progress(`${taken.id}: ${seen?.percent ?? 0} %`);
      return undefined;
    },
    goesOn: `snapshot ${taken.id} of ${id} is still being completed`,
    signal,
    sleep: parts.sleep,
  });
  return { snapshot, ...flushing };
}

/** What an open portal has written and not yet sent to the volume would be missing. */
async function flush(
  { portal, attachments }: StoredVolumeView,
  { portals }: VolumeParts,
  progress: (message: string) => void,
): Promise<{ flushed?: string; notFlushed?: string }> {
  if (portal === undefined || attachments.length === 0) return {};
  progress(`flushing the file systems of portal ${portal}`);
  try {
    await portals.flushVolumes(portal);
    return { flushed: portal };
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    return { notFlushed: error.message };
  }
}

/** This call has no token: if the answer is lost, it is looked for what may have been made before it is made again. */
async function takeOnce(
  volume: StoredVolumeView,
  name: string,
  parts: VolumeParts,
): Promise<StoredSnapshotView> {
  const request = parts.randomId();
  const tags = [...ownTags(parts, name), { Key: tagNames.request, Value: request }];
  const portal = volume.portal === undefined ? '' : ` of portal ${volume.portal}`;
  const description = `${volume.name === '' ? volume.id : volume.name}${portal}, by portald`;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sorted(`taking a snapshot of ${volume.id}`, async () => {
        const ec2 = await parts.aws.client();
        const { SnapshotId: id } = await ec2.createSnapshot({
          VolumeId: volume.id,
          Description: description.slice(0, 255),
          TagSpecifications: [{ ResourceType: 'snapshot', Tags: tags }],
        });
        if (id === undefined) throw new Error('the answer names no snapshot');
        return {
          id,
          name,
          sizeGiB: volume.sizeGiB,
          state: 'pending',
          createdAt: new Date(parts.now()).toISOString(),
          isEncrypted: volume.isEncrypted,
          isOurs: true,
          volumeId: volume.id,
          percent: 0,
          description,
          tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
        };
      });
    } catch (error) {
      if (!(error instanceof PortalError) || error.kind !== 'endpoint') throw error;
      const unclear = new PortalError(
        'endpoint',
        `whether a snapshot of ${volume.id} was taken is not known: ${error.message}`,
        { hint: 'see portalctl volume list --snapshots before you try again', cause: error },
      );
      const found = await lookFor(request, parts, unclear);
      if (found !== undefined) return found;
      if (attempt === attempts) throw unclear;
    }
  }
}

/** The snapshot with that request's tag. Rejects with `unclear` if EC2 never tells. */
async function lookFor(
  request: string,
  { stored, sleep }: VolumeParts,
  unclear: PortalError,
): Promise<StoredSnapshotView | undefined> {
  let isTold = false;
  for (let look = 1; look <= looks; look++) {
    await sleep(lookPauseMs);
    const wanted = { filter: { name: `tag:${tagNames.request}`, values: [request] } };
    const found = await stored.snapshots(wanted, AbortSignal.timeout(60_000)).catch(() => undefined);
    if (found?.[0] !== undefined) return found[0];
    isTold = found !== undefined;
  }
  if (!isTold) throw unclear;
  return undefined;
}
