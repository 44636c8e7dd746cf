// What the gateway to instances is given.
import type { Log } from './log.ts';

export interface RemoteParts {
  /** A folder that only this daemon and this user use; it is made if it does not exist. */
  readonly runtimeFolder: string;
  /** PATH, HOME, SSH_AUTH_SOCK, … */
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Milliseconds. */
  readonly now: () => number;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
  /** How often an instance's metadata are asked; 1000 by default. With more than ten instances it is less often. */
  readonly metadataIntervalMs?: () => number;
}
