// Volumes and snapshots at a user's wish: what the methods `volume.*` and `snapshot.*` do.
import type { MethodParameters, MethodResults } from '../../protocol/methods.ts';
import { createVolume } from './create-volume.ts';
import { deleteStored } from './delete-stored.ts';
import { snapshotVolume } from './snapshot-volume.ts';
import { updateVolume } from './update-volume.ts';
import type { RequestContext, VolumeParts } from './volume-parts.ts';

/** Each rejects with PortalError; once the request is given up, with `cancelled`, and what was begun goes on in EC2. */
export function createVolumes(parts: VolumeParts) {
  const { stored } = parts;
  return {
    async list(
      { all = false }: MethodParameters['volume.list'],
      { signal }: RequestContext,
    ): Promise<MethodResults['volume.list']> {
      return { volumes: oldestFirst(await stored.volumes({ areOurs: !all }, signal)) };
    },
    async listSnapshots(
      { all = false }: MethodParameters['snapshot.list'],
      { signal }: RequestContext,
    ): Promise<MethodResults['snapshot.list']> {
      return { snapshots: oldestFirst(await stored.snapshots({ areOurs: !all }, signal)) };
    },
    async zones({ signal }: RequestContext): Promise<MethodResults['volume.zones']> {
      return { zones: await stored.zones(signal) };
    },
    create: (request: MethodParameters['volume.create'], context: RequestContext) =>
      createVolume(request, parts, context),
    update: (request: MethodParameters['volume.update'], context: RequestContext) =>
      updateVolume(request, parts, context),
    delete: (request: MethodParameters['volume.delete'], context: RequestContext) =>
      deleteStored(request, parts, context),
    snapshot: (request: MethodParameters['volume.snapshot'], context: RequestContext) =>
      snapshotVolume(request, parts, context),
  };
}

function oldestFirst<T extends { readonly id: string; readonly createdAt?: string }>(all: readonly T[]): T[] {
  const keyOf = ({ createdAt = '', id }: T): string => `${createdAt} ${id}`;
  return all.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}
