// A tree with everything that goes wrong in synchronisation, and trees as comparable text.
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const awkwardNames = [
  'plain.txt',
  'with space',
  'line\nbreak',
  'glob*?[a]',
  '-rf',
  '--delete',
  'colon:in:it',
  '#hash',
  ';semicolon',
  'quote\'"`$(x)',
  'back\\slash',
  'ünïcode',
  '.hidden',
  '.file.aB3xYz',
];

/** Fills `folder`. */
export function fillTree(folder: string): void {
  mkdirSync(join(folder, 'sub folder/deeper'), { recursive: true });
  for (const name of awkwardNames) writeFileSync(join(folder, name), `content of ${name}`);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/not-utf8-`), Buffer.from([0xff, 0xfe])]), 'bytes');
  writeFileSync(join(folder, 'sub folder/inner'), 'inner');
  writeFileSync(join(folder, 'sub folder/deeper/deepest'), 'deepest');
  writeFileSync(join(folder, 'script'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(folder, 'secret'), 'secret', { mode: 0o600 });
  symlinkSync('plain.txt', join(folder, 'link'));
  symlinkSync('sub folder', join(folder, 'link to folder'));
  symlinkSync('/nowhere', join(folder, 'dangling'));
  utimesSync(join(folder, 'plain.txt'), 1_000_000_000.5, 1_000_000_000.5);
}

/** Past it, a content is shown by its hash. */
const shownBytes = 200;

/** Every path below `folder` with its kind, mode, time and content. */
export function listTree(folder: string): string[] {
  return linesOf(folder, contentOf);
}

/** Whether they may be equal, seen without reading any file: what is looked at again and again need not be read before. */
export function hasOutlineOf(folder: string, other: string): boolean {
  const outline = (of: string): string => JSON.stringify(linesOf(of, (_path, size) => String(size)));
  return outline(folder) === outline(other);
}

type ContentOf = (path: Buffer, size: number) => string;

function linesOf(folder: string, contentOf: ContentOf): string[] {
  return namesIn(folder)
    .toSorted()
    .map((name) => {
      try {
        return lineOf(folder, name, contentOf);
      } catch {
        return `${name} vanished while it was looked at`;
      }
    });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'latin1' });
  } catch {
    return ['a folder that vanished while it was looked at'];
  }
}

function lineOf(folder: string, name: string, contentOf: ContentOf): string {
  const path = Buffer.from(`${folder}/${name}`, 'latin1');
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return `${name} -> ${readlinkSync(path)}`;
  const mode = (stat.mode & 0o7777).toString(8);
  return stat.isFile()
    ? `${name} ${mode} ${Math.floor(stat.mtimeMs)} ${contentOf(path, stat.size)}`
    : `${name}/ ${mode}`;
}

function contentOf(path: Buffer, size: number): string {
  const content = readFileSync(path);
  return size <= shownBytes
    ? content.toString()
    : `${size} bytes ${createHash('sha256').update(content).digest('hex')}`;
}
