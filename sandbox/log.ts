// The sandbox's log: one JSON object a line on stderr.

/** Writes one log line. */
export type Log = (message: string, details?: Record<string, unknown>) => void;

/** A log on a stream, each line stamped by `now` (milliseconds since 1970). */
export function logTo(stream: NodeJS.WritableStream, now: () => number): Log {
  return (message, details = {}) => {
    stream.write(`${JSON.stringify({ time: new Date(now()).toISOString(), message, ...details })}\n`);
  };
}

/** The sentence of an unknown thrown value. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a call to the system failed, without its code and its arguments: `no such file or directory`. */
export function reasonOf(error: unknown): string {
  return sentenceOf(error).replace(/^E[A-Z]+: ([^,]+), .*$/s, '$1');
}
