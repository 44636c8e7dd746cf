// Changes a volume as a user wishes: size, type, name, tags, and with the size the file system that an open portal has
// mounted. Each part is done only if it is not done yet, so that the same request can be repeated.
import { PortalError } from '../../protocol/errors.ts';
import type { MethodParameters, MethodResults } from '../../protocol/methods.ts';
import type { StoredVolumeView } from '../../protocol/stored-view.ts';
import { sorted } from './describe.ts';
import { modifyVolume, untilModified } from './modify-volume.ts';
import { givenTags } from './own-tags.ts';
import { existingVolume, refuseUpdate } from './volume-guard.ts';
import type { RequestContext, VolumeParts } from './volume-parts.ts';

export async function updateVolume(
  request: MethodParameters['volume.update'],
  parts: VolumeParts,
  context: RequestContext,
): Promise<MethodResults['volume.update']> {
  const { id, sizeGiB, type } = request;
  const { stored } = parts;
  const { signal, progress } = context;
  const tags = givenTags(request.name, request.tags);
  const isChange = sizeGiB !== undefined || type !== undefined;
  if (!isChange && Object.keys(tags).length === 0)
    throw new PortalError('usage', `nothing is to be changed of ${id}`, {
      hint: 'name a size, a type, a name or a tag',
    });
  progress(`looking at ${id}`);
  const before = await existingVolume(id, stored, signal);
  refuseUpdate(before, request.force === true);

  let isModified = false;
  if (isChange) {
    const last = await stored.modification(id, signal);
    const underWay = last?.state === 'modifying' ? last : undefined;
    const current = {
      sizeGiB: Math.max(underWay?.targetSizeGiB ?? 0, before.sizeGiB),
      type: underWay?.targetType ?? before.type,
    };
    refuseShrinking(id, current.sizeGiB, sizeGiB);
    const wish = {
      ...(sizeGiB !== undefined && sizeGiB !== current.sizeGiB && { sizeGiB }),
      ...(type !== undefined && type !== current.type && { type }),
    };
    isModified = Object.keys(wish).length > 0;
    signal.throwIfAborted();
    if (isModified) await modifyVolume(id, wish, parts, signal);
    if (Object.keys(tags).length > 0) await tag(id, tags, parts);
    if (isModified || underWay !== undefined) await untilModified(id, isModified ? wish : {}, parts, context);
  } else await tag(id, tags, parts);

  const seen = await existingVolume(id, stored, signal);
  const volume: StoredVolumeView = {
    ...seen,
    // EC2's answers may be a little older than what it has just told.
    sizeGiB: sizeGiB ?? seen.sizeGiB,
    type: type ?? seen.type,
    name: tags['Name'] ?? seen.name,
    tags: { ...seen.tags, ...tags },
  };
  const grown = sizeGiB === undefined ? undefined : await growFileSystem(volume, parts, context);
  return { volume, isModified, ...(grown !== undefined && { grown }) };
}

function refuseShrinking(id: string, currentGiB: number, wantedGiB: number | undefined): void {
  if (wantedGiB === undefined || wantedGiB >= currentGiB) return;
  throw new PortalError('volume', `${id} has ${currentGiB} GiB: AWS lets no volume shrink to ${wantedGiB}`, {
    hint: 'create a smaller volume and copy the files over',
  });
}

async function tag(id: string, tags: Record<string, string>, { aws }: VolumeParts): Promise<void> {
  await sorted(`tagging ${id}`, async () => {
    const ec2 = await aws.client();
    const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await ec2.createTags({ Resources: [id], Tags: list });
  });
}

/** Undefined if no portal of ours has it mounted: then there is nothing to be grown here. */
async function growFileSystem(
  { id, sizeGiB, portal, attachments }: StoredVolumeView,
  { portals }: VolumeParts,
  { progress }: RequestContext,
): Promise<{ portal: string; fileSystem: string } | undefined> {
  if (portal === undefined || attachments.length === 0) return undefined;
  progress(`growing the file system of ${id} on portal ${portal}`);
  try {
    return { portal, fileSystem: await portals.growFileSystem(portal, id, sizeGiB) };
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    throw new PortalError(
      error.kind,
      `${id} has ${sizeGiB} GiB, but its file system on portal ${portal} has not grown: ${error.message}`,
      {
        hint: `${error.hint === undefined ? '' : `${error.hint}\n`}when the portal is open, repeat it: portalctl volume update ${id} --size ${sizeGiB} --force`,
        cause: error,
      },
    );
  }
}
