// The portals' records: one file each. A damaged one is set aside and named; the others are not stopped by it.
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type PortalRecord, recordVersion } from '../portal/record.ts';
import { ensurePrivateFolder } from '../private-folder.ts';
import { temporaryPrefix, writeAtomically } from './atomic-file.ts';

export interface SetAside {
  readonly file: string;
  readonly reason: string;
}

export interface RecordStore {
  /** On disk, flushed, when it resolves. */
  save(record: PortalRecord): Promise<void>;
}

export interface OpenedRecords {
  readonly store: RecordStore;
  readonly records: readonly PortalRecord[];
  readonly setAside: readonly SetAside[];
}

/** Reads every record under `stateFolder`/portals. `stamp` names the files that are set aside. */
export async function openRecords(stateFolder: string, stamp: string): Promise<OpenedRecords> {
  const folder = join(stateFolder, 'portals');
  await ensurePrivateFolder(folder, 'PORTALD_STATE_DIR');
  const records: PortalRecord[] = [];
  const setAside: SetAside[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (name.startsWith(temporaryPrefix)) await rm(path, { force: true });
    if (name.includes('.set-aside-')) setAside.push({ file: path, reason: 'set aside at an earlier start' });
    if (!name.endsWith('.json')) continue;
    const read = readRecord(await readFile(path, 'utf8'), name.slice(0, -'.json'.length));
    if ('record' in read) {
      records.push(read.record);
      continue;
    }
    const aside = `${path}.set-aside-${stamp}`;
    await rename(path, aside);
    setAside.push({ file: aside, reason: read.reason });
  }
  return {
    records,
    setAside,
    store: {
      save: (record) => writeAtomically(join(folder, `${record.name}.json`), `${JSON.stringify(record)}\n`),
    },
  };
}

function readRecord(text: string, name: string): { record: PortalRecord } | { reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
  if (typeof value !== 'object' || value === null) return { reason: 'it is no record' };
  const record = value as Partial<PortalRecord>;
  if (record.version !== recordVersion) {
    return {
      reason: `its version is ${String(record.version)}; this portald reads version ${recordVersion}`,
    };
  }
  const whole =
    record.name === name &&
    (record.wish === 'open' || record.wish === 'closed') &&
    Array.isArray(record.generations) &&
    typeof record.specification === 'object' &&
    typeof record.opening === 'string';
  return whole ? { record: record as PortalRecord } : { reason: 'fields are missing' };
}
