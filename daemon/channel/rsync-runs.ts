// Runs the rsync of a channel's passes over one transport. Of a folder that is sent, one waits for the next pass.
import { isDeepStrictEqual } from 'node:util';
import { PortalError } from '../../protocol/errors.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import type { ChannelTransport } from '../portal/gateways.ts';
import { type ChildOptions, type ChildResult, runChild } from './child.ts';
import { type ArmingParts, keepArmed, type Slot } from './keep-armed.ts';
import type { Limits } from './limits.ts';
import { withMemoryLimit } from './memory-limit.ts';
import { type NamesOf, namesOfSource, type RsyncFacts, rsyncArguments } from './rsync-arguments.ts';
import { watchSilence } from './silence.ts';
import { startWaiting, type WaitingRsync } from './waiting-rsync.ts';

export interface RsyncRuns {
  /**
   * Runs one for everything, or for these paths, relative to a source folder; where they cannot be told, and once deletions
   * are not held any more, for everything. Resolves once it is gone; rejects with PortalError of kind `channel` or
   * `resources` if it could not be started.
   */
  run(wanted: WantedRun, options: RunOptions): Promise<RunResult>;
  /** Ends the one that waits. Resolves once nothing of it runs. */
  close(): Promise<void>;
}

export interface WantedRun {
  readonly channel: ChannelSpecification;
  readonly facts: RsyncFacts;
  readonly paths?: readonly string[] | undefined;
  /** Nothing is to be deleted this time, whatever the channel says. */
  readonly isDeletionHeld: boolean;
}

export interface RunResult extends ChildResult {
  /** It was for the paths only. */
  readonly isPart: boolean;
  /**
   * It had waited, and may have lost its other end meanwhile, as while this machine slept: this tells nothing about the next.
   */
  readonly isCutOff?: boolean;
}

export type RunOptions = Pick<ChildOptions, 'signal' | 'told' | 'started'>;

export interface RunsParts extends Pick<ArmingParts<WaitingRsync>, 'transport' | 'sessions' | 'log'> {
  /** Of rsync and ssh. */
  readonly environment: NodeJS.ProcessEnv;
  readonly limits: Limits;
}

/** What is told of one that was ended since it did nothing any more. */
const silent = 'rsync gives no answer any more, here or on the instance';

/** Well, or but for single files (rsync's manual, exit values). */
const cameToEnd: readonly (number | null)[] = [0, 23, 24];

const longestSilenceMs = 24 * 3_600_000;

/**
 * Whether one was killed, or its other end is gone: rsync's own codes for that (its manual, exit values), and what ssh ends
 * with, which counts if it is larger: 255, or 128 and the signal that ended the other end, where a shell tells it.
 */
function isEndOfOther(code: number | null): boolean {
  return code === null || [10, 12, 20].includes(code) || code >= 128;
}

export function createRuns(parts: RunsParts): RsyncRuns {
  const { transport, environment, limits } = parts;
  let { silentPassMs } = limits;
  let isClosed = false;
  let wasDeletionHeld = false;
  let waiting: { readonly slot: Slot<WaitingRsync>; readonly channel: ChannelSpecification } | undefined;

  const keepWaiting = (channel: ChannelSpecification, facts: RsyncFacts): void => {
    if (isClosed) return;
    const arm = async (over: ChannelTransport, disarmed: () => void): Promise<WaitingRsync> =>
      startWaiting(rsyncArguments(channel, over, facts, true), { environment, disarmed });
    waiting ??= { slot: keepArmed({ ...parts, arm }), channel };
  };
  /** One that was told something else when it was started is of no use. */
  const endOther = async (channel: ChannelSpecification): Promise<void> => {
    if (waiting === undefined || isDeepStrictEqual(waiting.channel, channel)) return;
    await waiting.slot.close();
    waiting = undefined;
  };
  const runNamed = async (
    namesOf: NamesOf,
    { channel, facts, paths }: WantedRun,
    options: RunOptions,
  ): Promise<ChildResult & Pick<RunResult, 'isCutOff'>> => {
    const waited = await waiting?.slot.use((rsync) => started(rsync.run(namesOf(paths), options)));
    if (waited !== undefined) return { ...waited, isCutOff: isEndOfOther(waited.code) };
    if (paths === undefined)
      return rsync(rsyncArguments(channel, transport, facts), { environment, ...options });
    const words = rsyncArguments(channel, transport, facts, true);
    return rsync(words, { environment, ...options, input: namesOf(paths) });
  };
  const runOnce = async (wanted: WantedRun, options: RunOptions): Promise<RunResult> => {
    const { channel, facts, isDeletionHeld } = wanted;
    await endOther(channel);
    const paths = wasDeletionHeld ? undefined : wanted.paths;
    const namesOf = isDeletionHeld ? undefined : namesOfSource(channel, facts);
    if (namesOf === undefined) {
      const held = isDeletionHeld ? { ...channel, delete: false } : channel;
      const result = await rsync(rsyncArguments(held, transport, facts), { environment, ...options });
      wasDeletionHeld = isDeletionHeld;
      return { ...result, isPart: false };
    }
    const result = await runNamed(namesOf, { ...wanted, paths }, options);
    if (result.code === 0) {
      wasDeletionHeld = false;
      keepWaiting(channel, facts);
    }
    return { ...result, isPart: paths !== undefined };
  };
  return {
    async run(wanted, options) {
      const silence = watchSilence(silentPassMs);
      const signal = AbortSignal.any([options.signal, silence.signal]);
      try {
        const result = await runOnce(wanted, { ...options, signal, started: silence.watch });
        if (cameToEnd.includes(result.code)) silentPassMs = limits.silentPassMs;
        if (result.code === 0 || !silence.signal.aborted || options.signal.aborted) return result;
        // It begins from nothing again: the next one has more time, if it is that what it lacked.
        silentPassMs = Math.min(2 * silentPassMs, longestSilenceMs);
        return { ...result, stderr: `${silent}\n${result.stderr}`, isCutOff: false };
      } finally {
        silence.end();
      }
    },
    async close() {
      isClosed = true;
      await waiting?.slot.close();
    },
  };
}

/** Runs rsync to its end. Rejects with PortalError of kind `channel` or `resources` if it could not be started. */
export async function rsync(
  words: readonly string[],
  options: ChildOptions & { readonly input?: string },
): Promise<ChildResult> {
  return started(runChild(withMemoryLimit(['rsync', ...words]), options));
}

async function started(result: Promise<ChildResult>): Promise<ChildResult> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof PortalError) throw error;
    throw new PortalError('channel', 'rsync cannot be run on this machine', {
      hint: 'sudo apt-get install rsync',
      cause: error,
    });
  }
}
