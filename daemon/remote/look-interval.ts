// How often the metadata of each instance are looked at: with many instances less often, so that the daemon stays idle.

/** All instances together are looked at ten times a second at most, … */
const sharedIntervalMs = 100;
/** … but each so often, whatever their number: EC2's own list of spot requests tells of a notice within 6 s. */
const longestMs = 5000;

/** Milliseconds between two looks at one of `links` instances, never below `wantedMs`. */
export function lookIntervalMs(wantedMs: number, links: number): number {
  return Math.max(wantedMs, Math.min(links * sharedIntervalMs, longestMs));
}
