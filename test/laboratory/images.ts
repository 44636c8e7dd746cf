// What a volume may hold: nothing, a file system, or what must never be taken for nothing.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, truncateSync } from 'node:fs';
import { makeBlank, makeFileSystem, writeAt } from '../remote/volume-fixture.ts';

const mebibyte = 1024 * 1024;
export const sizeMiB = 20;

export interface ImageKind {
  readonly name: string;
  /** Writes the image at `path`. */
  make(path: string): void;
  /** What becomes of it when the portal opens. */
  readonly outcome: 'formatted' | 'mounted' | 'refused';
  /** Done once it is attached. */
  spoil?(path: string): void;
}

/** Random bytes that are the same in every run. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = 1; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

/** A superblock of Linux's md, version 1.2: magic, its place, and a checksum that need not hold to be data. */
function mdSuperblock(): Buffer {
  const block = Buffer.alloc(4096);
  block.writeUInt32LE(0xa92b4efc, 0);
  block.writeUInt32LE(1, 4);
  noise(16).copy(block, 16);
  block.write('machine:0', 32);
  block.writeBigUInt64LE(8n, 144);
  return block;
}

export const imageKinds: readonly ImageKind[] = [
  { name: 'blank', outcome: 'formatted', make: (path) => makeBlank(path, sizeMiB) },
  {
    name: 'ext4',
    outcome: 'mounted',
    make(path) {
      makeBlank(path, sizeMiB);
      makeFileSystem(path);
    },
  },
  {
    name: 'ext4 with a damaged primary superblock',
    outcome: 'refused',
    make(path) {
      makeBlank(path, sizeMiB);
      makeFileSystem(path);
      writeAt(path, 1024, Buffer.alloc(1024));
    },
  },
  {
    name: 'swap',
    outcome: 'refused',
    make(path) {
      makeBlank(path, sizeMiB);
      execFileSync('/sbin/mkswap', [path], { stdio: 'ignore' });
    },
  },
  {
    name: 'md-raid member',
    outcome: 'refused',
    make(path) {
      makeBlank(path, sizeMiB);
      writeAt(path, 4096, mdSuperblock());
    },
  },
  {
    name: 'ZFS member',
    outcome: 'refused',
    make(path) {
      makeBlank(path, sizeMiB);
      const uberblock = Buffer.alloc(1024);
      uberblock.writeBigUInt64LE(0x00bab10cn, 0);
      // Four labels, two at each end; from the middle of each on, a ring of uberblocks.
      for (const label of [0, 256, (sizeMiB - 1) * 1024 + 512, (sizeMiB - 1) * 1024 + 768]) {
        for (let block = 0; block < 8; block++) writeAt(path, (label + 128 + block) * 1024, uberblock);
      }
    },
  },
  {
    name: 'raw database pages',
    outcome: 'refused',
    make(path) {
      makeBlank(path, sizeMiB);
      writeAt(path, 2 * mebibyte, noise(256 * 1024));
    },
  },
  {
    name: 'a device that cannot be read',
    outcome: 'refused',
    make: (path) => makeBlank(path, sizeMiB),
    // A loop device answers with an input/output error where its file has ended.
    spoil: (path) => truncateSync(path, 2 * mebibyte),
  },
];

export function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
