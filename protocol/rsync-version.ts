// Which rsync is there: it decides what can be asked of it.

export interface RsyncVersion {
  /** As in 3.2.7. */
  readonly release: readonly [major: number, minor: number, patch: number];
  readonly protocol: number;
}

/**
 * Read from a `--version` text; undefined for programs that only bear the name, such as openrsync.
 */
export function rsyncVersion(text: string): RsyncVersion | undefined {
  const found = /^rsync\s+version\s+v?(\d+)\.(\d+)\.(\d+).*\bprotocol version (\d+)/m.exec(text);
  if (found === null) return undefined;
  const [major = 0, minor = 0, patch = 0, protocol = 0] = found.slice(1).map(Number);
  return { release: [major, minor, patch], protocol };
}

/** Whether it is `release` or a later one. */
export function isAtLeast(version: RsyncVersion | undefined, release: RsyncVersion['release']): boolean {
  if (version === undefined) return false;
  const at = release.findIndex((part, index) => part !== version.release[index]);
  return at < 0 || (version.release[at] ?? 0) > (release[at] ?? 0);
}

/** Whether it refuses names that lead out of the folder, also in a batch; earlier ones have not been tried. */
export function readsUntrustedBatches(version: RsyncVersion | undefined): boolean {
  return isAtLeast(version, [3, 5, 0]);
}

/**
 * Whether a pull from a machine that is not trusted stays in its folder: earlier ones can be led out of it by links
 * (CVE-2024-12087, CVE-2024-12088), unless a distribution has patched them, which the version does not show.
 */
export function readsUntrustedPulls(version: RsyncVersion | undefined): boolean {
  return isAtLeast(version, [3, 4, 0]);
}

/** Whether it compares times to the nanosecond when asked (its manual, --modify-window); it tells how far it is, too. */
export function comparesNanoseconds(version: RsyncVersion | undefined): boolean {
  return isAtLeast(version, [3, 1, 3]);
}
