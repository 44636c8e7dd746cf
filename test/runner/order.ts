// In which order the files are run.

/** Those that take longest, the longest first (`npm test -- --slowest` tells): begun last, one would run alone at the end. */
const longest: readonly string[] = [
  'integration/shortage',
  'integration/full-disk',
  'integration/restart',
  'crash/faults',
  'integration/faulty-world',
  'integration/main-job',
  'integration/host-key',
  'sandbox/by-hand',
  'integration/login',
  'channel/memory-map',
  'crash/refused',
  'crash/witnesses',
  'crash/crash',
  'crash/silence',
  'channel/changes',
  'service/user-service',
  'sandbox/instance',
  'laboratory/safe-rule',
  'integration/early-replacement',
  'integration/orphans',
  'integration/reload',
  'integration/channel',
  'secrets/life',
  'remote/packages',
  'channel/silence',
  'channel/watched',
  'service/systemd',
  'service/launchd',
  'channel/hostile-output',
  'client/wrong-use',
  'portal/properties',
];

export function longestFirst(files: readonly string[]): string[] {
  const place = (file: string): number => {
    const index = longest.findIndex((name) => file.endsWith(`/${name}.test.ts`));
    return index < 0 ? longest.length : index;
  };
  return files.toSorted((left, right) => place(left) - place(right));
}
