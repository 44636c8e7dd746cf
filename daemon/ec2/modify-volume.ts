// Changes a volume's size or type in EC2, once however often the answer is lost, and waits until it has them.
import { PortalError } from '../../protocol/errors.ts';
import { awsCodeOf } from './aws-errors.ts';
import { sorted } from './describe.ts';
import type { Modification } from './stored.ts';
import type { RequestContext, VolumeParts } from './volume-parts.ts';
import { waitUntil } from './wait-until.ts';

/** What a volume is to have; what is absent stays. */
export interface VolumeWish {
  readonly sizeGiB?: number;
  readonly type?: string;
}

const attempts = 3;
const pauseMs = 2000;

/** Asks for the change, which the volume does not have yet. Rejects with PortalError. */
export async function modifyVolume(
  id: string,
  wish: VolumeWish,
  { aws, stored, sleep }: VolumeParts,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sorted(`changing ${id}`, async () => {
        const ec2 = await aws.client();
        await ec2.modifyVolume({
          VolumeId: id,
          ...(wish.sizeGiB !== undefined && { Size: wish.sizeGiB }),
          ...(wish.type !== undefined && { VolumeType: wish.type as 'gp3' }),
        });
      });
      return;
    } catch (error) {
      const isUnclear = error instanceof PortalError && error.kind === 'endpoint';
      // A repetition is refused so when the first one worked and its answer was lost.
      const isRepeated = /^(IncorrectModificationState|VolumeModificationRateExceeded)$/.test(
        awsCodeOf(error),
      );
      if (!isUnclear && !isRepeated) throw error;
      const seen = await stored.modification(id, signal).catch(() => undefined);
      if (seen !== undefined && seen.state !== 'failed' && isOf(seen, wish)) return;
      if (!isUnclear) throw error;
      if (attempt === attempts)
        throw new PortalError('endpoint', `whether ${id} is being changed is not known: ${error.message}`, {
          hint: 'repeat the command: what is done already is not done twice',
        });
      await sleep(pauseMs);
    }
  }
}

/** Resolves once the volume can be used as wished; EC2 may go on moving its data for hours. */
export function untilModified(
  id: string,
  wish: VolumeWish,
  { stored, sleep }: VolumeParts,
  { signal, progress }: RequestContext,
): Promise<true> {
  return waitUntil({
    ask: async () => {
      const modification = await stored.modification(id, signal);
      const [volume] =
        modification === undefined
          ? await stored.volumes({ filter: { name: 'volume-id', values: [id] } }, signal)
          : [];
      return { modification, volume };
    },
    judge: ({ modification, volume }) => {
      if (modification === undefined) {
        // EC2 may not show it yet, or no longer.
        const hasSize = wish.sizeGiB === undefined || volume?.sizeGiB === wish.sizeGiB;
        const hasType = wish.type === undefined || volume?.type === wish.type;
        return volume !== undefined && hasSize && hasType ? true : undefined;
      }
      if (!isOf(modification, wish)) return undefined;
      if (modification.state === 'failed')
        throw new PortalError(
          'volume',
          `EC2 could not change ${id}: ${modification.message ?? 'it does not say why'}`,
        );
      if (modification.state === 'optimizing' || modification.state === 'completed') return true;
      progress(`EC2 changes ${id}: ${modification.state}, ${modification.percent} %`);
      return undefined;
    },
    goesOn: `${id} is still being changed`,
    signal,
    sleep,
  });
}

/** Whether the modification is to what is wished. */
function isOf({ targetSizeGiB, targetType }: Modification, { sizeGiB, type }: VolumeWish): boolean {
  return (sizeGiB === undefined || targetSizeGiB === sizeGiB) && (type === undefined || targetType === type);
}
