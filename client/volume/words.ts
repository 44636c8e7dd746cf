// Volumes and snapshots in words.
import type { StoredSnapshotView, StoredVolumeView } from '../../protocol/stored-view.ts';
import { durationText } from '../duration.ts';
import { tableLines } from '../table.ts';

/** A table with a head; `nowMs` is the daemon's time. */
export function volumeLines(volumes: readonly StoredVolumeView[], nowMs: number): string[] {
  return tableLines([
    ['ID', 'NAME', 'SIZE', 'TYPE', 'ZONE', 'STATE', 'ATTACHED TO', 'SNAPSHOT', 'AGE'],
    ...volumes.map((one) => [
      one.id,
      orDash(one.name),
      `${one.sizeGiB} GiB`,
      one.type,
      one.zone,
      one.state,
      orDash(usersOf(one)),
      orDash(one.snapshotId ?? ''),
      ageText(one, nowMs),
    ]),
  ]);
}

/** The same of snapshots. */
export function snapshotLines(snapshots: readonly StoredSnapshotView[], nowMs: number): string[] {
  return tableLines([
    ['ID', 'NAME', 'SIZE', 'VOLUME', 'STATE', 'DESCRIPTION', 'AGE'],
    ...snapshots.map((one) => [
      one.id,
      orDash(one.name),
      `${one.sizeGiB} GiB`,
      orDash(one.volumeId ?? ''),
      one.state === 'pending' && one.percent !== undefined ? `${one.state}, ${one.percent} %` : one.state,
      orDash(one.description),
      ageText(one, nowMs),
    ]),
  ]);
}

/** `vol-1 (data): 8 GiB, gp3, in eu-west-1a`. */
export function volumeText({ id, name, sizeGiB, type, zone }: StoredVolumeView): string {
  return `${idText(id, name)}: ${sizeGiB} GiB, ${type}, in ${zone}`;
}

/** `vol-1 (data)`. */
export function idText(id: string, name: string): string {
  return name === '' ? id : `${id} (${name})`;
}

function usersOf({ attachments, portal }: StoredVolumeView): string {
  const instances = attachments.map((one) =>
    one.state === 'attached' ? one.instanceId : `${one.instanceId} (${one.state})`,
  );
  return [...instances, ...(portal === undefined ? [] : [`portal ${portal}`])].join(', ');
}

function ageText({ createdAt }: { readonly createdAt?: string }, nowMs: number): string {
  return createdAt === undefined ? '-' : durationText(nowMs - Date.parse(createdAt));
}

function orDash(text: string): string {
  return text === '' ? '-' : text;
}
