// Reads a file that others could have replaced: a pipe that nothing is written to, or a device without end, must not hold up
// the process. Node reads files on four threads, and each one that waits for a pipe is lost for the others. The only file of
// this folder that does I/O: both programs must open such files in the same way.
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** What was found, besides the system's own codes. */
export type RefusedFile = 'EISDIR' | 'ENOTREG' | 'EFBIG' | 'ETIMEDOUT';

export interface FileRead {
  readonly bytes: Buffer;
  readonly facts: Stats;
}

const timeLimitMs = 10_000;

/**
 * All of a regular file of at most `mostBytes`, opened without waiting. Rejects with an error whose `code` is the system's or
 * a RefusedFile: EISDIR for a folder, ENOTREG for a pipe, socket or device, EFBIG for one that is larger, ETIMEDOUT for a
 * disk that does not answer.
 */
export async function readRegularFile(path: string, mostBytes: number): Promise<FileRead> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(refused('ETIMEDOUT', path)), timeLimitMs);
  try {
    return await Promise.race([readAll(path, mostBytes), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function readAll(path: string, mostBytes: number): Promise<FileRead> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const facts = await file.stat();
  if (facts.isDirectory()) throw refused('EISDIR', path);
  if (!facts.isFile()) throw refused('ENOTREG', path);
  // It may grow while it is read.
  const buffer = Buffer.alloc(Math.min(facts.size, mostBytes) + 1);
  let size = 0;
  while (size < buffer.length) {
    const { bytesRead } = await file.read(buffer, size, buffer.length - size, size);
    if (bytesRead === 0) return { bytes: buffer.subarray(0, size), facts };
    size += bytesRead;
  }
  if (facts.size < mostBytes) return { bytes: buffer.subarray(0, facts.size), facts };
  throw refused('EFBIG', path);
}

/** The same in one step, for a program that does nothing else meanwhile. Throws such errors. */
export function readRegularFileNow(path: string, mostBytes: number): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const facts = fstatSync(descriptor);
    if (facts.isDirectory()) throw refused('EISDIR', path);
    if (!facts.isFile()) throw refused('ENOTREG', path);
    if (facts.size > mostBytes) throw refused('EFBIG', path);
    const buffer = Buffer.alloc(facts.size);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, facts.size, 0));
  } finally {
    closeSync(descriptor);
  }
}

function refused(code: RefusedFile, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
