// The life of snapshots: copies of a volume's disk.
import { type Cloud, delayMs, newResource } from './cloud.ts';
import type { Snapshot, Volume } from './model.ts';

// Dollars per GiB and hour, about what AWS asks in Europe.
const snapshotRate = 0.054 / 730;

/** Takes a snapshot: the copy is of this moment, the state `completed` comes after the delay. */
export function createSnapshot(
  cloud: Cloud,
  volume: Volume,
  description: string,
  tags: Iterable<[string, string]>,
): Snapshot {
  const snapshotId = `snap-${cloud.ids.hex(17)}`;
  const snapshot: Snapshot = {
    ...newResource(cloud, tags),
    snapshotId,
    volumeId: volume.volumeId,
    sizeGiB: volume.sizeGiB,
    state: 'pending',
    description,
    startedAtMs: cloud.schedule.now(),
  };
  cloud.region.snapshots.set(snapshotId, snapshot);
  cloud.ledger.open(snapshotId, 'snapshot', volume.volumeId, snapshotRate * volume.sizeGiB, volume.sizeGiB);
  const copied = cloud.disks.copy(volume.volumeId, snapshotId, volume.sizeGiB);
  copied.catch((error: unknown) => cloud.log('snapshot not made', { snapshotId, error: String(error) }));
  cloud.schedule.after(delayMs(cloud, 'snapshot'), async () => {
    await copied;
    snapshot.state = 'completed';
  });
  return snapshot;
}

/** Deletes a snapshot. */
export async function deleteSnapshot(cloud: Cloud, snapshot: Snapshot): Promise<void> {
  cloud.region.snapshots.delete(snapshot.snapshotId);
  cloud.ledger.close(snapshot.snapshotId);
  await cloud.disks.remove(snapshot.snapshotId);
}
