// Which rsync is there: it decides what can be asked of it.

/**
 * Whether the rsync whose `--version` text this is compares times to the nanosecond when asked (3.1.3 and later).
 * Programs that only bear the name, such as openrsync, do not.
 */
export function comparesNanoseconds(text: string): boolean {
  const found = /^rsync\s+version\s+v?(\d+)\.(\d+)\.(\d+)/m.exec(text);
  if (found === null) return false;
  const [major = 0, minor = 0, patch = 0] = found.slice(1).map(Number);
  return major > 3 || (major === 3 && (minor > 1 || (minor === 1 && patch >= 3)));
}
