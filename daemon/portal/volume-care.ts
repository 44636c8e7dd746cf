// What a portal does for its volumes when a user asks, outside of its loop: both change nothing that the loop decides by.
import { PortalError } from '../../protocol/errors.ts';
import type { PortalContext } from './context.ts';
import type { RemoteLink } from './gateways.ts';

/**
 * Grows the file system of one of the portal's volumes, which has `sizeGiB` by now; idempotent. Resolves to the type of
 * the file system. Rejects with PortalError `ssh` or `mount`.
 */
export async function growFileSystem(
  context: PortalContext,
  volumeId: string,
  sizeGiB: number,
): Promise<string> {
  const { name, specification } = context.record();
  const volume = specification.persistent_volumes.find((one) => one.volume_id === volumeId);
  if (volume === undefined) throw new PortalError('volume', `portal ${name} does not have ${volumeId}`);
  const type = await holderLink(context).growVolume(volume, sizeGiB);
  context.tell('info', `the ${type} file system of ${volumeId} fills its ${sizeGiB} GiB`);
  return type;
}

/** Flushes all file systems of the instance that has the volumes. Rejects with PortalError `ssh` or `mount`. */
export function flushVolumes(context: PortalContext): Promise<void> {
  return holderLink(context).flush();
}

function holderLink(context: PortalContext): RemoteLink {
  const { name, holder } = context.record();
  const link = context.links.get(holder);
  if (link !== undefined) return link;
  throw new PortalError('ssh', `portal ${name} is not connected to an instance that has its volumes`);
}
