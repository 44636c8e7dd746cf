// The end of a program's output: of something that talks without end, the last words say what went wrong.

const keptBytes = 256 * 1024;

export interface OutputTail {
  push(bytes: Buffer): void;
  /** Whether the marker has come; true without one. */
  isBegun(): boolean;
  /** The last part of what came after the marker, or of everything as long as it has not come. */
  text(): string;
}

/** Collects output after `marker` (after the start, if there is none). */
export function createOutputTail(marker = ''): OutputTail {
  let kept = Buffer.alloc(0);
  let begun = marker === '';
  return {
    push(bytes) {
      kept = Buffer.concat([kept, bytes]);
      const at = begun ? -1 : kept.indexOf(marker);
      if (at !== -1) {
        begun = true;
        kept = kept.subarray(at + marker.length);
      }
      if (kept.length > keptBytes) kept = kept.subarray(kept.length - keptBytes);
    },
    isBegun: () => begun,
    text: () => kept.toString('utf8'),
  };
}
