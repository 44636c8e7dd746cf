// Which npm packages the programs need to run: those of the lock file that are neither for development nor optional.
// (The optional ones are compiled parts that ssh2 can do without; they would tie a package to one machine.)
import { readFileSync } from 'node:fs';

/** What is read of a package in package-lock.json. */
export interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

/** Their folders, below that of the lock file, with what they are. */
export function productionPackages(lockFile: string): (readonly [path: string, LockedPackage])[] {
  const lock = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Record<string, LockedPackage> };
  return Object.entries(lock.packages).filter(
    ([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional,
  );
}
