// Stands between an instance and the rsync that reads its batches. A batch begins with options that override the reader's
// own, and with the wire's protocol: only the values that portald's own watcher sends are let through, and so many bytes.

import { largestBytes } from './changed-files.ts';

/** Links (bit 3) and folders without their content (bit 7), as `common` asks for (rsync's batch.c, write_stream_flags). */
const optionFlags = 0x88;

/** What two rsyncs may agree on (rsync's compat.c, CF_*), without a file list that grows while files are sent (bit 0). */
const agreedFlags = 0x1fe;

const fixedBytes = 8;

/** Twice what the watcher sends at most, since a file may grow while it is sent, and the names. */
const mostBytes = 2 * largestBytes + 65_536;

export interface BatchGuard {
  /** The bytes that may go to rsync now. Throws if the batch begins otherwise, or is too long. */
  pass(bytes: Buffer): Buffer;
}

/** `protocol`: rsync's, which the watcher was started with. */
export function createBatchGuard(protocol: number): BatchGuard {
  let held: Buffer | undefined = Buffer.alloc(0);
  let passed = 0;
  const begin = Buffer.alloc(fixedBytes);
  begin.writeUInt32LE(optionFlags, 0);
  begin.writeUInt32LE(protocol, 4);
  return {
    pass(bytes) {
      passed += bytes.length;
      if (passed > mostBytes) throw new Error(`a batch of more than ${mostBytes} bytes`);
      if (held === undefined) return bytes;
      held = Buffer.concat([held, bytes]);
      const fixed = held.subarray(0, fixedBytes);
      if (!begin.subarray(0, fixed.length).equals(fixed)) {
        throw new Error(`a batch with the flags ${fixed.toString('hex')}`);
      }
      const agreed = varint(held.subarray(fixedBytes, fixedBytes + 2));
      if (agreed === undefined) return Buffer.alloc(0);
      if ((agreed & ~agreedFlags) !== 0)
        throw new Error(`a batch with the agreed flags ${agreed.toString(16)}`);
      const whole = held;
      held = undefined;
      return whole;
    },
  };
}

/** A number as rsync writes it (its io.c, read_varint), as far as it is one or two bytes; undefined while a byte is missing. */
function varint([first, second]: Buffer): number | undefined {
  if (first === undefined) return undefined;
  if (first < 0x80) return first;
  if (first >= 0xc0) return Number.MAX_SAFE_INTEGER;
  return second === undefined ? undefined : ((first & 0x3f) << 8) | second;
}
