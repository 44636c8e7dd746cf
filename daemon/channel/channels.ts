// The gateway to synchronisation: opens channels.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenChannel } from '../portal/gateways.ts';
import { createChannel } from './channel.ts';
import { defaultDelaySeconds } from './due-time.ts';
import type { Log } from './log.ts';
import { createPasses } from './pass.ts';
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
  /** rsync may be installed on an instance that has none. */
  readonly installsRsync: () => boolean;
  readonly log: Log;
  /** Milliseconds. */
  readonly now: () => number;
}

/** So many wait on a shared connection: those of three channels. */
const waitingSessions = 6;

export interface Channels {
  readonly open: OpenChannel;
  /** Once all channels are closed: the next portald need not look for what this one left. */
  close(): void;
}

/** Makes the gateway. What a killed predecessor left in its folder is removed. */
export function createChannels({ environment, runtimeFolder, log, now, ...parts }: ChannelsParts): Channels {
  const folder = join(runtimeFolder, 'channels');
  // It goes with an end in order. What was killed may have left copies at any time before, also under an earlier boot.
  const doubtfulSince = existsSync(folder) ? 0 : undefined;
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  remove();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sessions = createSessions(waitingSessions);
  const passEnvironment = environmentOfPasses(environment);
  return {
    open(specification, changed) {
      const { direction, local_path: path, recursive = false } = specification;
      return createChannel({
        ways: createWays({
          specification,
          passes: createPasses({ ...parts, specification, environment: passEnvironment }),
          folder,
          environment: passEnvironment,
          sessions,
          log,
          now,
          doubtfulSince,
        }),
        watch: direction === 'out' ? (changed) => watchSource(path, recursive, changed) : undefined,
        delayMs: (specification.delay ?? defaultDelaySeconds) * 1000,
        now,
        log,
        changed,
      });
    },
    close: remove,
  };
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
