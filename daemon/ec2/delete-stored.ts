// Deletes volumes and snapshots that a user names: all of them may be deleted, or nothing is.
import { PortalError } from '../../protocol/errors.ts';
import type { MethodParameters, MethodResults } from '../../protocol/methods.ts';
import type { StoredSnapshotView, StoredVolumeView } from '../../protocol/stored-view.ts';
import { notThere, refuseDeletion } from './volume-guard.ts';
import type { RequestContext, VolumeParts } from './volume-parts.ts';

export async function deleteStored(
  { ids: named, force = false, isTrial = false }: MethodParameters['volume.delete'],
  { stored, remove, portals }: VolumeParts,
  { signal, progress }: RequestContext,
): Promise<MethodResults['volume.delete']> {
  const ids = [...new Set(named)];
  const volumeIds = ids.filter((id) => id.startsWith('vol-'));
  const snapshotIds = ids.filter((id) => !id.startsWith('vol-'));
  progress('looking at what is to be deleted');
  const filterOf = (name: string, values: string[]) => ({ filter: { name, values } });
  const [volumes, snapshots] = await Promise.all([
    volumeIds.length === 0 ? [] : stored.volumes(filterOf('volume-id', volumeIds), signal),
    snapshotIds.length === 0 ? [] : stored.snapshots(filterOf('snapshot-id', snapshotIds), signal),
  ]);
  const wanted = ids.map((id): StoredVolumeView | StoredSnapshotView => {
    const found = volumes.find((one) => one.id === id) ?? snapshots.find((one) => one.id === id);
    if (found === undefined) throw notThere(id);
    refuseDeletion(found, force);
    return found;
  });
  if (isTrial) return { volumes, snapshots, failed: [] };

  const failed: MethodResults['volume.delete']['failed'][number][] = [];
  for (const one of wanted) {
    signal.throwIfAborted();
    progress(`deleting ${one.id}`);
    try {
      const portal = portals.portalOf(one.id);
      // It was opened since.
      if (portal !== undefined) refuseDeletion({ ...one, portal }, force);
      await remove('attachments' in one ? 'volume' : 'snapshot', one.id);
    } catch (error) {
      if (!(error instanceof PortalError)) throw error;
      const told = error.kind === 'permission' && !one.isOurs ? notAllowed(one.id, error) : error;
      failed.push({ id: one.id, error: { message: told.message, ...told.toData() } });
    }
  }
  const isDeleted = ({ id }: { id: string }): boolean => failed.every((one) => one.id !== id);
  return { volumes: volumes.filter(isDeleted), snapshots: snapshots.filter(isDeleted), failed };
}

function notAllowed(id: string, error: PortalError): PortalError {
  return new PortalError(
    'permission',
    `AWS does not let portald's credentials delete ${id}: ${error.message}`,
    {
      hint: "iam-policy.json allows that only for what carries portald's tag; delete it in the EC2 console, or with rights of your own",
      cause: error,
    },
  );
}
