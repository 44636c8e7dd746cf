// Makes a volume, blank or from a snapshot, once however often the answer is lost, and waits until it can be used.
import { PortalError } from '../../protocol/errors.ts';
import type { MethodParameters, MethodResults } from '../../protocol/methods.ts';
import type { StoredSnapshotView, StoredVolumeView } from '../../protocol/stored-view.ts';
import { sorted } from './describe.ts';
import { ownTags } from './own-tags.ts';
import type { RequestContext, VolumeParts } from './volume-parts.ts';
import { waitUntil } from './wait-until.ts';

/** How often the request is made while its outcome is unknown; the AWS client repeats each by itself, too. */
const attempts = 3;
const pauseMs = 2000;
/** EC2 may not show at once what it has just made. */
const unseenMs = 30_000;

export async function createVolume(
  request: MethodParameters['volume.create'],
  parts: VolumeParts,
  { signal, progress }: RequestContext,
): Promise<MethodResults['volume.create']> {
  const { snapshotId, zone } = request;
  const snapshot =
    snapshotId === undefined ? undefined : await usableSnapshot(snapshotId, request.sizeGiB, parts, signal);
  const sizeGiB = request.sizeGiB ?? snapshot?.sizeGiB;
  if (sizeGiB === undefined)
    throw new PortalError('usage', 'a volume without a snapshot needs a size', { hint: 'say how many GiB' });
  refuseWithoutIops(request);
  const name = request.name ?? snapshot?.name;
  await refuseUnknownZone(zone, parts, signal);
  signal.throwIfAborted();

  progress(`asking EC2 for a volume of ${sizeGiB} GiB in ${zone}`);
  const id = await makeOnce(
    {
      AvailabilityZone: zone,
      Size: sizeGiB,
      VolumeType: (request.type ?? 'gp3') as 'gp3',
      ...(request.iops !== undefined && { Iops: request.iops }),
      ...(snapshotId !== undefined && { SnapshotId: snapshotId }),
      TagSpecifications: [{ ResourceType: 'volume', Tags: ownTags(parts, name, request.tags) }],
      // Made before the call: with it, EC2 makes one volume of all repetitions.
      ClientToken: parts.randomId(),
    },
    parts,
  );
  progress(`waiting until ${id} is available`);
  const since = parts.now();
  let wasSeen = false;
  const volume = await waitUntil({
    ask: () => parts.stored.volumes({ filter: { name: 'volume-id', values: [id] } }, signal),
    judge: ([seen]) => {
      if (seen?.state === 'available' || seen?.state === 'in-use') return seen;
      const isGone = seen === undefined && (wasSeen || parts.now() - since > unseenMs);
      wasSeen ||= seen !== undefined;
      if (isGone || (seen !== undefined && seen.state !== 'creating')) throw gaveUp(id, seen);
      return undefined;
    },
    goesOn: `${id} is still being created`,
    signal,
    sleep: parts.sleep,
  });
  return { volume };
}

type CreateVolumeRequest = Parameters<Awaited<ReturnType<VolumeParts['aws']['client']>>['createVolume']>[0];

async function makeOnce(request: CreateVolumeRequest, { aws, sleep }: VolumeParts): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sorted('creating a volume', async () => {
        const ec2 = await aws.client();
        const { VolumeId: id } = await ec2.createVolume(request);
        if (id === undefined) throw new Error('the answer names no volume');
        return id;
      });
    } catch (error) {
      if (!(error instanceof PortalError) || error.kind !== 'endpoint') throw error;
      if (attempt === attempts)
        throw new PortalError('endpoint', `whether a volume was created is not known: ${error.message}`, {
          hint: 'see portalctl volume list before you try again',
        });
      await sleep(pauseMs);
    }
  }
}

/** Rejects with PortalError `not-found` or `volume`. */
async function usableSnapshot(
  id: string,
  sizeGiB: number | undefined,
  { stored }: VolumeParts,
  signal: AbortSignal,
): Promise<StoredSnapshotView> {
  const snapshot = await stored.snapshot(id, signal);
  if (snapshot === undefined)
    throw new PortalError('not-found', `snapshot ${id} is not in this Region`, {
      hint: 'portalctl volume list --snapshots --all lists those of the account',
    });
  if (snapshot.state !== 'completed') {
    const percent = snapshot.percent === undefined ? '' : `, ${snapshot.percent} %`;
    throw new PortalError('volume', `snapshot ${id} is not complete (${snapshot.state}${percent})`, {
      hint: snapshot.state === 'pending' ? 'wait until it is' : 'take another snapshot',
    });
  }
  if (sizeGiB !== undefined && sizeGiB < snapshot.sizeGiB)
    throw new PortalError(
      'volume',
      `a volume from ${id} has at least its ${snapshot.sizeGiB} GiB; ${sizeGiB} GiB would be too small`,
      { hint: `leave the size out, or say ${snapshot.sizeGiB} or more` },
    );
  return snapshot;
}

/** The volume types that AWS makes only with a number of operations a second (CreateVolume, Iops). */
function refuseWithoutIops({ type, iops }: MethodParameters['volume.create']): void {
  if (iops !== undefined || (type !== 'io1' && type !== 'io2')) return;
  throw new PortalError('usage', `a volume of type ${type} needs its number of operations a second`, {
    hint: 'for example --iops 3000; they are billed',
  });
}

/** Throws PortalError `zone`. Where zones may not be looked at, EC2 itself refuses. */
async function refuseUnknownZone(zone: string, { stored }: VolumeParts, signal: AbortSignal): Promise<void> {
  const zones = await stored.zones(signal).catch((): string[] => []);
  if (zones.length === 0 || zones.includes(zone)) return;
  throw new PortalError('zone', `${zone} is no zone of this Region that this account may use`, {
    hint: `it has ${zones.join(', ')}`,
  });
}

function gaveUp(id: string, seen: StoredVolumeView | undefined): PortalError {
  const state = seen === undefined ? 'it is gone' : `its state is ${seen.state}`;
  return new PortalError('volume', `EC2 did not get ${id} ready: ${state}`, {
    hint: 'often the right to use the KMS key of an encrypted volume is missing (kms:CreateGrant, kms:Decrypt, kms:GenerateDataKeyWithoutPlaintext)',
  });
}
