// The safe rule before a first use: formats only what the user asked for, what was never formatted by us, and what every
// check proves blank.
import { randomUUID } from 'node:crypto';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { type Cloud, type CloudView, tagNames } from './cloud.ts';
import type { PortalContext } from './context.ts';
import type { RemoteLink } from './gateways.ts';

/** What of a portal's context a formatting needs. */
export interface FormatContext extends Pick<PortalContext, 'record' | 'tell'> {
  readonly cloud: Pick<Cloud, 'tagVolume'>;
  readonly view: Pick<CloudView, 'observe'>;
}

/**
 * Formats the volume, which the instance shows, unless the rule forbids it. The tag is written before and after, so that
 * a crash in between is seen and never formatted over.
 */
export async function formatOnce(
  volume: VolumeSpecification,
  link: RemoteLink,
  context: FormatContext,
): Promise<void> {
  const { volume_id: id } = volume;
  const snapshot = await context.view.observe({ notBefore: 0, maximumAgeMs: 10_000 });
  const tag = snapshot.volumes.get(id)?.tags[tagNames.fileSystem];
  if (tag !== undefined || !(await link.isBlank(volume))) return;
  const uuid = randomUUID();
  const { remote_user: user, remote_group: group } = context.record().specification.spot_instance;
  await context.cloud.tagVolume(id, { [tagNames.fileSystem]: `formatting:${uuid}` });
  await link.formatVolume(volume, { uuid, user, group });
  await context.cloud.tagVolume(id, { [tagNames.fileSystem]: `ext4:${uuid}` });
  context.tell('info', `made an ext4 file system on ${id}, which was blank`);
}
