// What the watch program of an instance writes, cut into frames. It comes from a machine that may be hostile: nothing is
// kept beyond one line, the work for each byte is the same however they are cut, and what is no frame ends the reading.

export type WatchFrame =
  | { readonly kind: 'watching' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'batch'; readonly files: number; readonly bytes: number }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'end'; readonly code: number };

const longestLine = 64;
const longestData = 65_536;
const pattern = /^(watching|changed|batch (\d{1,6}) (\d{1,9})|data (\d{1,5})|end (-?\d{1,3}))$/;

/** Reads to the end; data come in pieces as they arrive. Throws an Error at what is no frame. */
export async function* watchFrames(output: AsyncIterable<Buffer>): AsyncGenerator<WatchFrame> {
  let line: Buffer = Buffer.alloc(0);
  /** Of the data that follow. */
  let expected = 0;
  for await (let bytes of output) {
    while (bytes.length > 0) {
      if (expected > 0) {
        const piece = bytes.subarray(0, expected);
        bytes = bytes.subarray(piece.length);
        expected -= piece.length;
        yield { kind: 'data', bytes: piece };
        continue;
      }
      const end = bytes.indexOf('\n');
      const more = end < 0 ? bytes : bytes.subarray(0, end);
      line = Buffer.concat([line, more.subarray(0, longestLine + 1)]);
      if (line.length > longestLine || end >= 0) {
        const frame = frameOf(line.toString('latin1'));
        line = Buffer.alloc(0);
        if (typeof frame === 'number') expected = frame;
        else yield frame;
      }
      bytes = bytes.subarray(more.length + 1);
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
