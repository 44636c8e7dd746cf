// One JSON message a line over the socket, with a cap, so that neither side can be made to buffer without bound.

/** Longest line accepted, in bytes without its newline: 1 MiB. */
export const maximumLineBytes = 1024 * 1024;

/** Cuts a byte stream into lines; one splitter per connection. */
export interface LineSplitter {
  /**
   * Feeds bytes and returns the lines they complete, decoded as UTF-8, without line ends; blank lines are dropped. One that
   * is no UTF-8 becomes U+FFFD, which is no JSON: decoded leniently, it could mean what nobody has sent.
   * Throws RangeError once a line grows over the cap: the connection cannot be trusted to be in step any more.
   */
  push(bytes: Uint8Array): string[];
  /** Whether a line was begun and not ended. */
  partial(): boolean;
  /** The stream is over: the line that was begun, if any. */
  end(): string[];
}

/** Makes a splitter for one connection. */
export function createLineSplitter(maximumBytes = maximumLineBytes): LineSplitter {
  let parts: Uint8Array[] = [];
  let heldBytes = 0;

  const take = (bytes: Uint8Array): void => {
    heldBytes += bytes.length;
    if (heldBytes > maximumBytes) {
      parts = [];
      heldBytes = 0;
      throw new RangeError(`a line is longer than ${maximumBytes} bytes`);
    }
    if (bytes.length > 0) parts.push(bytes);
  };

  const finish = (): string[] => {
    const line = decoded(Buffer.concat(parts)).trim();
    parts = [];
    heldBytes = 0;
    return line === '' ? [] : [line];
  };

  return {
    push(bytes) {
      const lines: string[] = [];
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        take(bytes.subarray(from, end));
        from = end + 1;
        lines.push(...finish());
      }
      // Copied: the caller may use its buffer again.
      take(Uint8Array.from(bytes.subarray(from)));
      return lines;
    },
    partial: () => heldBytes > 0,
    end: finish,
  };
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '\uFFFD';
  }
}
