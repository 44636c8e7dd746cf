// The end of a program's output: of something that talks without end, the last words say what went wrong. Each byte costs
// the same, in whatever pieces they come.

const keptBytes = 256 * 1024;
const firstBytes = 4096;

export interface OutputTail {
  push(bytes: Buffer): void;
  /** Whether the marker has come; true without one. */
  isBegun(): boolean;
  /** The last part of what came after the marker, or of everything as long as it has not come. */
  text(): string;
}

/** Collects output after `marker` (after the start, if there is none). */
export function createOutputTail(marker = ''): OutputTail {
  // Twice what is kept: when it is full, its second half becomes the first.
  let buffer = Buffer.alloc(firstBytes);
  let begin = 0;
  let end = 0;
  let begun = marker === '';
  const makeRoom = (wanted: number): void => {
    if (end + wanted <= buffer.length) return;
    const kept = buffer.subarray(Math.max(begin, end - keptBytes), end);
    const size = Math.min(2 * keptBytes, 2 * (kept.length + wanted));
    const next = size > buffer.length ? Buffer.alloc(size) : buffer;
    kept.copy(next);
    [buffer, begin, end] = [next, 0, kept.length];
  };
  const append = (bytes: Buffer): void => {
    makeRoom(bytes.length);
    const from = Math.max(begin, end - marker.length + 1);
    end += bytes.copy(buffer, end);
    if (begun) return;
    const at = buffer.subarray(from, end).indexOf(marker);
    if (at < 0) return;
    begun = true;
    begin = from + at + marker.length;
  };
  return {
    push(bytes) {
      for (let at = 0; at < bytes.length; at += keptBytes) append(bytes.subarray(at, at + keptBytes));
    },
    isBegun: () => begun,
    text: () => buffer.toString('utf8', Math.max(begin, end - keptBytes), end),
  };
}
