// The gateway to synchronisation: opens channels.
import type { OpenChannel } from '../portal/gateways.ts';
import { createChannel } from './channel.ts';
import type { Log } from './log.ts';
import { createPasses } from './pass.ts';
import { watchSource } from './watch-source.ts';

export interface ChannelsParts {
  /** PATH, HOME, SSH_AUTH_SOCK, … */
  readonly environment: NodeJS.ProcessEnv;
  /** The user that portald runs as. */
  readonly userId: number;
  readonly log: Log;
  /** Milliseconds. */
  readonly now: () => number;
}

const defaultDelaySeconds = 1;

/** Makes the gateway. */
export function createChannels({ environment, userId, log, now }: ChannelsParts): { open: OpenChannel } {
  const passEnvironment = environmentOfPasses(environment);
  return {
    open(specification, changed) {
      const { direction, local_path: path, recursive = false } = specification;
      return createChannel({
        passes: createPasses({ specification, environment: passEnvironment, userId }),
        watch: direction === 'out' ? (mark) => watchSource(path, recursive, mark) : undefined,
        delayMs: (specification.delay ?? defaultDelaySeconds) * 1000,
        now,
        log,
        changed,
      });
    },
  };
}

/** What rsync and ssh need of our environment; nothing else of it may change what they do. */
function environmentOfPasses({ PATH, HOME, USER, SSH_AUTH_SOCK }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(USER !== undefined && { USER }),
    ...(SSH_AUTH_SOCK !== undefined && { SSH_AUTH_SOCK }),
    LC_ALL: 'C.UTF-8',
  };
}
