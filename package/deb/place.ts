// Writes files into the tree of a Debian package: modes and times do not depend on the machine that builds it.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  type Dirent,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Writes `content` to `path`, with the folders that it needs. */
export function put(path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

/** The same, compressed as Debian wants manuals and changelogs: no name, no time. */
export function putCompressed(path: string, content: string | Buffer): void {
  put(`${path}.gz`, gzipSync(content, { level: 9 }));
}

/** Copies a file with `mode`, or a folder, without what `isWanted` refuses, all files of which get it. */
export function copy(
  from: string,
  to: string,
  mode = 0o644,
  isWanted: (path: string) => boolean = () => true,
): void {
  if (statSync(from).isDirectory()) {
    for (const name of readdirSync(from))
      if (isWanted(join(from, name))) copy(join(from, name), join(to, name), mode, isWanted);
    return;
  }
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

/** Every entry below `root`, sorted. */
export function entriesOf(root: string): Dirent[] {
  const path = (one: Dirent): string => join(one.parentPath, one.name);
  return readdirSync(root, { withFileTypes: true, recursive: true }).sort((a, b) =>
    path(a) < path(b) ? -1 : 1,
  );
}

/** The text of `md5sums` for the files below `root`, and their size in KiB. */
export function account(root: string): { md5sums: string; sizeKiB: number } {
  const files = entriesOf(root).filter((one) => one.isFile());
  let sizeKiB = 0;
  let md5sums = '';
  for (const { parentPath, name } of files) {
    const content = readFileSync(join(parentPath, name));
    sizeKiB += Math.ceil(content.length / 1024);
    const sum = createHash('md5').update(content).digest('hex');
    md5sums += `${sum}  ${relative(root, join(parentPath, name))}\n`;
  }
  return { md5sums, sizeKiB };
}

/** Gives everything below `root` the same time, and folders the same mode. */
export function level(root: string, atS: number): void {
  for (const one of [...entriesOf(root).toReversed(), undefined]) {
    const path = one === undefined ? root : join(one.parentPath, one.name);
    if (one === undefined || one.isDirectory()) chmodSync(path, 0o755);
    lutimesSync(path, atS, atS);
  }
}
