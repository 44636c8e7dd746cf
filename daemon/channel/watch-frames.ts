// What the watch program of an instance writes, cut into frames. It comes from a machine that may be hostile: nothing is
// kept beyond one frame, and what is no frame ends the reading.

export type WatchFrame =
  | { readonly kind: 'watching' | 'changed' }
  | { readonly kind: 'batch'; readonly files: number; readonly bytes: number }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'end'; readonly code: number };

const longestLine = 64;
const longestData = 65_536;
const pattern = /^(watching|changed|batch (\d{1,6}) (\d{1,9})|data (\d{1,5})|end (-?\d{1,3}))$/;

/** Reads to the end. Throws an Error at what is no frame. */
export async function* watchFrames(output: AsyncIterable<Buffer>): AsyncGenerator<WatchFrame> {
  let held: Buffer = Buffer.alloc(0);
  let expected: number | undefined;
  for await (const bytes of output) {
    held = Buffer.concat([held, bytes]);
    for (;;) {
      if (expected === undefined) {
        const end = held.indexOf('\n');
        if (end < 0 && held.length <= longestLine) break;
        const frame = frameOf(held.toString('latin1', 0, end < 0 ? longestLine : end));
        held = held.subarray(end + 1);
        if (typeof frame === 'number') expected = frame;
        else yield frame;
      } else {
        if (held.length < expected) break;
        yield { kind: 'data', bytes: held.subarray(0, expected) };
        held = held.subarray(expected);
        expected = undefined;
      }
    }
  }
}

/** A number is the length of the data that follow. */
function frameOf(line: string): WatchFrame | number {
  const [whole, , files, bytes, length, code] = pattern.exec(line) ?? [];
  if (whole === 'watching' || whole === 'changed') return { kind: whole };
  if (files !== undefined) return { kind: 'batch', files: Number(files), bytes: Number(bytes) };
  if (length !== undefined && Number(length) <= longestData) return Number(length);
  if (code !== undefined) return { kind: 'end', code: Number(code) };
  throw new Error('the instance tells of changes in no form that is known');
}
