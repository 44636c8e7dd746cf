// An rsync that can be made slow, so that a test can do something in the middle of a transfer; and who runs one.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../fixture/eventually.ts';
import { processesThat } from '../fixture/processes.ts';
import type { ChannelFixture } from './channel-fixture.ts';

/** For the instance and here: options in a file beside it are its first ones. */
export const slowRsync = {
  rsync:
    '#!/bin/sh\noptions=$(cat "${0%/*}/options" 2>/dev/null)\nPATH=${PATH#*:} exec rsync $options "$@"\n',
};

/** From now on an rsync that starts moves so many bytes a second. */
export function slowDown({ instance }: Pick<ChannelFixture, 'instance'>, kibPerSecond: number): void {
  writeFileSync(join(instance.folder, 'bin/options'), `--bwlimit=${kibPerSecond}`);
}

export function speedUp({ instance }: Pick<ChannelFixture, 'instance'>): void {
  rmSync(join(instance.folder, 'bin/options'), { force: true });
}

/** rsync's temporary files in a folder. */
export function temporaryFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^\.large\.\w{6}$/.test(name));
}

/** Removes those whose names chance has drawn so that they could be a person's: portald leaves them. */
export function removeUnknowable(folder: string): void {
  for (const name of temporaryFiles(folder)) {
    if (/\.([A-Za-z][a-z]{5}|[A-Z]{6}|[0-9]{6})$/.test(name)) rmSync(join(folder, name));
  }
}

/** Resolves once a part of `large` has arrived in the folder. */
export function inTheMiddle(folder: string): Promise<unknown> {
  return eventually('it is in the middle', () => temporaryFiles(folder).length > 0);
}

/** The same, or all of it: what goes by a batch is not made slow, and may be over before anybody looks. */
export function hasBegun(folder: string): Promise<unknown> {
  const large = join(folder, 'large');
  return eventually('it has begun', () => temporaryFiles(folder).length > 0 || existsSync(large));
}

/** Ids of processes on the instance whose command line contains `text`: they have its home. */
export function processesThere({ instance }: Pick<ChannelFixture, 'instance'>, text: string): number[] {
  const found = processesThat(
    ({ command, environment }) => command.includes(text) && environment().includes(instance.home),
  );
  return found.map(({ id }) => id);
}

/** The same of those that run here for the fixture. */
export function processesHere({ instance }: Pick<ChannelFixture, 'instance'>, text: string): number[] {
  const found = processesThat(
    ({ command, environment }) =>
      command.includes(text) && command.includes(instance.folder) && !environment().includes(instance.home),
  );
  return found.map(({ id }) => id);
}

export function killAll(ids: readonly number[], signal: NodeJS.Signals): void {
  for (const id of ids) {
    try {
      process.kill(id, signal);
    } catch {
      // It has ended.
    }
  }
}
