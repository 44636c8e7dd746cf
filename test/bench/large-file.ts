// A file that cannot be compressed, as large as there is room for.
import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, statfsSync, writeSync } from 'node:fs';

const mebibyte = 1024 * 1024;
/** The source, the copy, the copy in the making, and room for everybody else. */
const copies = 5;

/** `wanted`, or halved until it fits into the temporary folder. */
export function mebibytesThatFit(wanted: number): number {
  const { bavail, bsize } = statfsSync('/tmp');
  let fitting = wanted;
  while (fitting > 1 && fitting * copies * mebibyte > bavail * bsize) fitting = Math.floor(fitting / 2);
  return fitting;
}

export function makeLargeFile(path: string, mebibytes: number): void {
  const file = openSync(path, 'w');
  const part = Buffer.alloc(mebibyte);
  for (let index = 0; index < mebibytes; index++) writeSync(file, randomFillSync(part));
  closeSync(file);
}
