// Bounds the memory of an rsync that reads what an instance sends: a list of files without end would fill that of this machine.
import { totalmem } from 'node:os';

const gib = 1024 ** 3;

/**
 * Bytes of address space: about 100 take a file of a list (rsync's FAQ, "out of memory"), so that this is enough for ten
 * million.
 */
export function memoryLimit(totalBytes: number): number {
  return Math.min(8 * gib, Math.max(gib, totalBytes / 4));
}

/** The program's words, to be run under that limit; where the system knows none, as macOS, it is run without. */
export function withMemoryLimit(words: readonly string[], limitBytes = memoryLimit(totalmem())): string[] {
  const kib = Math.floor(limitBytes / 1024);
  return ['sh', '-c', `ulimit -v ${kib} 2>/dev/null; exec "$@"`, 'sh', ...words];
}
