// The portals' records: one file each. A damaged one is set aside and named; the others are not stopped by it.
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import { isJsonObject } from '../../protocol/json-object.ts';
import { heldBy, othersCanWrite } from '../hands.ts';
import type { PortalRecord } from '../portal/record.ts';
import { ensurePrivateFolder } from '../private-folder.ts';
import { temporaryPrefix, writeAtomically } from './atomic-file.ts';
import { unreadable } from './left-files.ts';
import { isOfLaterVersion, migrated } from './migrate.ts';
import { misshapen } from './record-shape.ts';
import { keepReserve, reservePath } from './reserve.ts';

export interface SetAside {
  /** By the file's name. */
  readonly portal: string;
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

/**
 * Reads every record under `stateFolder`/portals. `stamp` names the files that are set aside. Throws PortalError
 * `state-folder`, with nothing changed, if a later portald has written one.
 */
export async function openRecords(stateFolder: string, stamp: string): Promise<OpenedRecords> {
  const folder = join(stateFolder, 'portals');
  await ensurePrivateFolder(folder, 'PORTALD_STATE_DIR');
  const records: PortalRecord[] = [];
  const setAside: SetAside[] = [];
  const names = await readdir(folder);
  for (const name of names.filter((one) => one.endsWith('.json'))) await refuseLater(join(folder, name));
  for (const name of names) {
    const path = join(folder, name);
    if (name.startsWith(temporaryPrefix)) await rm(path, { force: true });
    if (name.includes('.set-aside-'))
      setAside.push({ portal: portalOf(name), file: path, reason: 'set aside at an earlier start' });
    if (!name.endsWith('.json')) continue;
    const read = await readFileOf(path, portalOf(name));
    if ('record' in read) {
      records.push(read.record);
      continue;
    }
    const aside = `${path}.set-aside-${stamp}`;
    await rename(path, aside);
    setAside.push({ portal: portalOf(name), file: aside, reason: read.reason });
  }
  const reserve = await keepReserve(reservePath(stateFolder));
  return {
    records,
    setAside,
    store: {
      save: (record) => {
        const text = `${JSON.stringify(record)}\n`;
        return reserve.spending(() => writeAtomically(join(folder, `${record.name}.json`), text));
      },
    },
  };
}

/**
 * What can never be read, a folder or a dangling link say, is set aside like a damaged one. Throws PortalError
 * `state-folder` for what may pass.
 */
async function readFileOf(
  path: string,
  name: string,
): Promise<{ record: PortalRecord } | { reason: string }> {
  try {
    return (await refusedFile(path)) ?? readRecord(await readFile(path, 'utf8'), name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (unreadable.has(code ?? '')) return { reason: message };
    throw new PortalError('state-folder', `${path} cannot be read: ${message}`, {
      hint: 'nothing was changed; see to the disk, and start portald again',
      cause: error,
    });
  }
}

function portalOf(fileName: string): string {
  return fileName.slice(0, fileName.lastIndexOf('.json'));
}

/** What others can write to may say what they like. */
async function refusedFile(path: string): Promise<{ reason: string } | undefined> {
  const held = await stat(path);
  if (!held.isFile()) return { reason: 'it is no file' };
  const own = process.getuid?.();
  if (own === undefined || !othersCanWrite(held, own)) return undefined;
  return { reason: `it ${heldBy(held)}: others can write to it` };
}

/** One that a later portald wrote may say what this one does not understand: nothing is touched then. */
async function refuseLater(path: string): Promise<void> {
  let value: unknown;
  try {
    // A pipe would be waited for.
    if (!(await stat(path)).isFile()) return;
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return;
  }
  if (!isJsonObject(value) || !isOfLaterVersion(value)) return;
  throw new PortalError('state-folder', `${path} was written by a later portald than this one`, {
    hint: 'start that version again; nothing was changed, and its portals go on in AWS',
  });
}

function readRecord(text: string, name: string): { record: PortalRecord } | { reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
  if (typeof value !== 'object' || value === null) return { reason: 'it is no record' };
  const present = migrated(value as Readonly<Record<string, unknown>>);
  if ('reason' in present) return present;
  const reason = misshapen(present.record);
  if (reason !== undefined) return { reason };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked just now
  const record = present.record as unknown as PortalRecord;
  if (record.name !== name) return { reason: `it is the record of ${record.name}` };
  if (record.wish !== 'open' && record.wish !== 'closed') return { reason: 'it says not what is wished' };
  return { record };
}
