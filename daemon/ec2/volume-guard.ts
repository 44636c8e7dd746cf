// What a user may do to a volume or snapshot only with force, and what not even so. The sentences say why.
import { PortalError } from '../../protocol/errors.ts';
import type { StoredSnapshotView, StoredVolumeView } from '../../protocol/stored-view.ts';
import type { Stored } from './stored.ts';

const meant = 'if that is the one you mean, say --force';

/** The volume of that id. Rejects with PortalError `not-found`. */
export async function existingVolume(
  id: string,
  stored: Stored,
  signal: AbortSignal,
): Promise<StoredVolumeView> {
  const [volume] = await stored.volumes({ filter: { name: 'volume-id', values: [id] } }, signal);
  if (volume === undefined) throw notThere(id);
  return volume;
}

export function notThere(id: string): PortalError {
  return new PortalError('not-found', `${id} is not in this account and Region`, {
    hint: 'portalctl volume list --all lists the volumes, with --snapshots the snapshots',
  });
}

/** Throws PortalError `volume`. */
export function refuseUpdate(volume: StoredVolumeView, force: boolean): void {
  if (force) return;
  refuseForeign(volume, 'changed');
  const user = userOf(volume);
  if (user === undefined) return;
  throw new PortalError('volume', `${volume.id} is in use by ${user}; it was not changed`, {
    hint: 'it can be changed in use, and its data stay: say --force',
  });
}

/** Throws PortalError `volume`. */
export function refuseDeletion(one: StoredVolumeView | StoredSnapshotView, force: boolean): void {
  if ('attachments' in one) {
    const [attachment] = one.attachments;
    if (attachment !== undefined) {
      const portal = one.portal === undefined ? '' : ` of portal ${one.portal}`;
      throw new PortalError(
        'volume',
        `${one.id} is attached to ${attachment.instanceId}${portal}; nothing was deleted`,
        {
          hint:
            one.portal === undefined ? 'detach it first' : `close that first: portalctl close ${one.portal}`,
        },
      );
    }
    if (one.portal !== undefined && !force)
      throw new PortalError(
        'volume',
        `${one.id} belongs to portal ${one.portal}, which is not closed; nothing was deleted`,
        { hint: `close that first (portalctl close ${one.portal}), or say --force` },
      );
  }
  if (!force) refuseForeign(one, 'deleted');
}

function refuseForeign({ id, isOurs }: StoredVolumeView | StoredSnapshotView, done: string): void {
  if (isOurs) return;
  throw new PortalError('volume', `${id} was not created by this portald; it was not ${done}`, {
    hint: meant,
  });
}

function userOf({ portal, attachments }: StoredVolumeView): string | undefined {
  if (portal !== undefined) return `portal ${portal}`;
  return attachments[0]?.instanceId;
}
