// One rsync of an outbound channel that waits for the names of what it is to compare: everything that takes round trips
// and start-up time is over before something changes. It is used once.
import { type ChildOptions, type ChildResult, startChild } from './child.ts';
import type { Armed } from './keep-armed.ts';
import { withMemoryLimit } from './memory-limit.ts';

export interface WaitingRsync extends Armed {
  /** Compares what is named. Resolves once it is gone; rejects only if it could not be started. */
  run(names: string, options: Pick<ChildOptions, 'signal' | 'told' | 'started'>): Promise<ChildResult>;
}

export interface WaitingOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Called when it ends before it was used. */
  readonly disarmed: () => void;
}

/** Starts it with these words after its name. Throws PortalError `resources`. */
export function startWaiting(
  words: readonly string[],
  { environment, disarmed }: WaitingOptions,
): WaitingRsync {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  let told: ((text: string) => void) | undefined;
  let pid: number | undefined;
  const { stdin, exited, kill, result } = startChild(withMemoryLimit(['rsync', ...words]), {
    environment,
    signal: ending.signal,
    told: (text) => told?.(text),
    started: (id) => {
      pid = id;
    },
  });
  let isArmed = true;
  result.catch(() => {}); // who runs it hears of it
  void exited.then(() => {
    if (!isArmed) return;
    isArmed = false;
    disarmed();
  });
  return {
    isArmed: () => isArmed,
    async run(names, options) {
      isArmed = false;
      told = options.told;
      options.signal.addEventListener('abort', end, { once: true });
      if (options.signal.aborted) end();
      if (pid !== undefined) options.started?.(pid);
      stdin.end(names);
      try {
        return await result;
      } finally {
        options.signal.removeEventListener('abort', end);
      }
    },
    async end() {
      // rsync takes half a second to end by itself, although it has nothing to put in order yet.
      if (isArmed) kill();
      else end();
      isArmed = false;
      await exited;
    },
  };
}
