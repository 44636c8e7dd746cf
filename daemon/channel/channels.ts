// The gateway to synchronisation: opens channels.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { excludeFilter } from '../../protocol/specification/exclude-patterns.ts';
import { isBelowOne } from '../../protocol/specification/places.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import type { OpenChannel } from '../portal/gateways.ts';
import { createChannel } from './channel.ts';
import { defaultDelaySeconds } from './due-time.ts';
import { limits } from './limits.ts';
import type { Log } from './log.ts';
import { guardOwnFiles } from './own-files.ts';
import { createPasses } from './pass.ts';
import { releaseWriters } from './release-writers.ts';
import { namePrefix } from './rsync-arguments.ts';
import { createSessions } from './sessions.ts';
import { watchSource } from './watch-source.ts';
import { createWays } from './way.ts';

export interface ChannelsParts {
  /** PATH, HOME, … */
  readonly environment: NodeJS.ProcessEnv;
  /** A folder that only this daemon and this user use. */
  readonly runtimeFolder: string;
  /** The user that portald runs as. */
  readonly userId: number;
  /** Absolute paths of what is never carried, though it may lie in a channel's folder. */
  readonly ownPaths: () => readonly string[];
  /** rsync may be installed on an instance that has none. */
  readonly installsRsync: () => boolean;
  readonly log: Log;
  /** Milliseconds. */
  readonly now: () => number;
}

/** So many wait on a shared connection: those of two channels. */
const waitingSessions = 6;

export interface Channels {
  readonly open: OpenChannel;
  /** Once all channels are closed: the next portald need not look for what this one left. */
  close(): void;
}

/** Makes the gateway. What a killed predecessor left in its folder is ended and removed. */
export function createChannels({ environment, runtimeFolder, log, now, ...parts }: ChannelsParts): Channels {
  const folder = join(runtimeFolder, 'channels');
  const doubtfulSince = startOfKilled(folder);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  releaseWriters(folder, remove);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  noteStart(folder, doubtfulSince ?? now());
  const sessions = createSessions(waitingSessions);
  const passEnvironment = environmentOfPasses(environment);
  return {
    open(specification, changed) {
      const { direction, local_path: path, recursive: isRecursive = false } = specification;
      const source = {
        path,
        isRecursive,
        excluded: () => excludedFolders(specification, parts.ownPaths()),
      };
      return createChannel({
        ways: createWays({
          specification,
          passes: createPasses({
            ...parts,
            specification,
            environment: passEnvironment,
            sessions,
            limits,
            log,
          }),
          folder,
          environment: passEnvironment,
          sessions,
          limits,
          log,
          now,
          doubtfulSince,
        }),
        watch: direction === 'out' ? (changed) => watchSource(source, now, changed) : undefined,
        delayMs: (specification.delay ?? defaultDelaySeconds) * 1000,
        now,
        log,
        changed,
      });
    },
    close: remove,
  };
}

/** Resolves to what tells of a folder in the source that nothing in it is carried. */
async function excludedFolders(
  specification: ChannelSpecification,
  ownPaths: readonly string[],
): Promise<(folder: string) => boolean> {
  // A source that is an own file is refused by each pass.
  const { channel, ownFiles } = await guardOwnFiles(specification, ownPaths).catch(() => ({
    channel: specification,
    ownFiles: [],
  }));
  const filter = excludeFilter(channel.exclude ?? []);
  const prefix = namePrefix(channel.local_path, channel.recursive === true);
  return (folder) => isBelowOne(folder, ownFiles) || filter?.(`${prefix}${folder}`, 'folder') === true;
}

const beganFile = 'began';

function noteStart(folder: string, at: number): void {
  try {
    writeFileSync(join(folder, beganFile), String(Math.round(at)));
  } catch {
    // A full disk keeps no portald from its work.
  }
}

/** Since when a predecessor that was killed, or several in a row, may have left copies; an end in order takes the folder away. */
function startOfKilled(folder: string): number | undefined {
  try {
    const began = Number(readFileSync(join(folder, beganFile), 'utf8'));
    return Number.isSafeInteger(began) && began > 0 ? began : undefined;
  } catch {
    return undefined;
  }
}

/** What rsync and ssh need of our environment; nothing else of it may change what they do. */
function environmentOfPasses({ PATH, HOME, USER }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(USER !== undefined && { USER }),
    LC_ALL: 'C.UTF-8',
  };
}
