// What stands between an instance and the rsync that reads its batches: a batch's first four bytes are flags that override
// the reader's own words, so that only one value of them is let through (rsync's batch.c, write_stream_flags).

/** Links (bit 3) and folders without their content (bit 7), as `common` asks for; no owners, devices, in-place writing. */
const expectedFlags = Buffer.from([0x88, 0, 0, 0]);

export interface BatchGuard {
  /** The bytes that may go to rsync now. Throws if the flags are others. */
  pass(bytes: Buffer): Buffer;
}

export function createBatchGuard(): BatchGuard {
  let held: Buffer | undefined = Buffer.alloc(0);
  return {
    pass(bytes) {
      if (held === undefined) return bytes;
      held = Buffer.concat([held, bytes]);
      const flags = held.subarray(0, expectedFlags.length);
      if (!expectedFlags.subarray(0, flags.length).equals(flags)) {
        throw new Error(`a batch with the flags ${flags.toString('hex')}`);
      }
      if (flags.length < expectedFlags.length) return Buffer.alloc(0);
      const whole = held;
      held = undefined;
      return whole;
    },
  };
}
