// Whether two trees are the same: names, kinds, modes, contents and what links say; not times, which not everybody keeps.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Compares everything. */
export function isEqual(left: string, right: string): boolean {
  try {
    const names = readdirSync(left, { recursive: true, encoding: 'utf8' }).toSorted();
    const others = readdirSync(right, { recursive: true, encoding: 'utf8' }).toSorted();
    return (
      names.length === others.length &&
      names.every((name, index) => name === others[index] && isSame(join(left, name), join(right, name)))
    );
  } catch {
    return false; // something came or went meanwhile
  }
}

/** Whether the two paths hold the same, folders aside from what is in them. */
export function isSame(left: string, right: string): boolean {
  const one = lstatSync(left, { throwIfNoEntry: false });
  const other = lstatSync(right, { throwIfNoEntry: false });
  if (one === undefined || other === undefined) return one === other;
  if (one.mode !== other.mode) return false;
  if (one.isSymbolicLink()) return readlinkSync(left) === readlinkSync(right);
  return !one.isFile() || (one.size === other.size && readFileSync(left).equals(readFileSync(right)));
}
