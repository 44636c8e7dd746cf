// What an instance took with it that could not be saved: named, so that nobody has to guess. Pure.
import type { ChannelView } from '../../protocol/portal-view.ts';
import type { PortalRecord } from './record.ts';
import { liesOnVolume } from './standing.ts';

/** Sentences on what was not saved when this generation ended; none for one that had let its volumes go in order. */
export function lossesOf(
  record: PortalRecord,
  generation: number,
  channels: readonly ChannelView[],
): string[] {
  const ended = record.generations.find((one) => one.number === generation);
  if (ended === undefined || record.holder !== generation || ended.releasedAt !== undefined) return [];
  const volumes = record.specification.persistent_volumes.map((volume) => volume.volume_id);
  const unmounted =
    volumes.length === 0
      ? []
      : [
          `${ended.instanceId} ended before ${volumes.join(', ')} ${volumes.length === 1 ? 'was' : 'were'} unmounted: ` +
            'what was not flushed is lost; the file system is checked before it is mounted again',
        ];
  const unfetched = channels
    .filter((channel) => channel.direction === 'in' && !liesOnVolume(record, channel.remotePath))
    .map((channel) => {
      const last = channel.lastSynchronisedAt;
      return last === undefined
        ? `nothing of ${channel.remotePath} was fetched before ${ended.instanceId} ended`
        : `what was written to ${channel.remotePath} on ${ended.instanceId} after ${last} was not fetched`;
    });
  return [...unmounted, ...unfetched];
}

/**
 * Sentences on channels that did not run when their portal was closed, as when a volume was not mounted, so that there was no last
 * synchronisation; none for those of a portal that never was open, and those that the user has paused.
 */
export function leftWithoutRunning(record: PortalRecord, channels: readonly ChannelView[]): string[] {
  return channels.flatMap(({ index, state, direction, localPath, remotePath, lastSynchronisedAt: last }) => {
    if (state === 'paused' || (last === undefined && !record.everOpen)) return [];
    const since = last === undefined ? 'meanwhile' : `after ${last}`;
    const where = liesOnVolume(record, remotePath)
      ? 'they stay on the volume'
      : 'they are lost with the instance';
    return direction === 'out'
      ? `channel ${index} was not running: files saved in ${localPath} ${since} were not sent, and stay there`
      : `channel ${index} was not running: files written to ${remotePath} ${since} were not fetched (${where})`;
  });
}

/** Sentences on what paused channels have not carried when their instance is left; outbound only by a closing. */
export function leftByPause(record: PortalRecord, channels: readonly ChannelView[]): string[] {
  return channels.flatMap(({ index, state, direction, localPath, remotePath }) => {
    if (state !== 'paused') return [];
    if (direction === 'out') {
      const left = `channel ${index} is paused: what was saved in ${localPath} meanwhile, if anything, stays there and was not sent`;
      return record.wish === 'closed' ? [left] : [];
    }
    const isKept = liesOnVolume(record, remotePath);
    const where = isKept ? 'stays on the volume' : 'is lost with the instance';
    const left = `channel ${index} is paused: what was written to ${remotePath} meanwhile was not fetched and ${where}`;
    return record.wish === 'closed' || !isKept ? [left] : [];
  });
}
