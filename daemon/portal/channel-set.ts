// A portal's channels as one thing: they watch for as long as the portal is wanted, and run over one generation's
// connection at a time.
import { PortalError } from '../../protocol/errors.ts';
import type { ChannelView } from '../../protocol/portal-view.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import type { Channel, OpenChannel, SshTransport } from './gateways.ts';

export interface ChannelSet {
  /** Generation over whose connection they run; 0 for none. */
  runsOn(): number;
  start(generation: number, transport: SshTransport): void;
  /** Pauses and resumes single channels as the user wishes now. */
  heedWishes(): Promise<void>;
  pause(): Promise<void>;
  /** Synchronises the channels of these directions that the user has not paused; a sentence for each that failed. */
  synchronise(
    directions: readonly ('in' | 'out')[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<string[]>;
  /**
   * Resolves when all that was saved before the call has arrived, by all channels that are not paused, or by this one.
   * Rejects with PortalError `channel` or `portal-conflict`.
   */
  synchroniseNow(index: number | undefined, signal: AbortSignal): Promise<void>;
  views(): ChannelView[];
  close(): Promise<void>;
}

/** The longest time of a timer, 24 days: the one who waits gives up, not we. */
const longestMs = 2 ** 31 - 1;

export function createChannelSet(
  specifications: readonly ChannelSpecification[],
  open: OpenChannel,
  changed: () => void,
  isPaused: (index: number) => boolean,
): ChannelSet {
  let channels: readonly { specification: ChannelSpecification; channel: Channel }[] | undefined;
  let generation = 0;
  let over: SshTransport | undefined;
  /** Those that run, by their positions. */
  const running = new Set<number>();
  const heedWishes = async (): Promise<void> => {
    const pausing: Promise<void>[] = [];
    for (const [index, { channel }] of (channels ?? []).entries()) {
      const isWanted = over !== undefined && !isPaused(index);
      if (isWanted === running.has(index)) continue;
      if (isWanted && over !== undefined) {
        running.add(index);
        channel.resume(over);
      } else {
        running.delete(index);
        pausing.push(channel.pause());
      }
    }
    await Promise.all(pausing);
  };

  return {
    runsOn: () => generation,
    start(number, transport) {
      channels ??= specifications.map((specification) => ({
        specification,
        channel: open(specification, changed),
      }));
      over = transport;
      generation = number;
      // Another transport is another connection: all of them begin anew.
      running.clear();
      void heedWishes();
    },
    heedWishes,
    async pause() {
      generation = 0;
      over = undefined;
      running.clear();
      await Promise.all((channels ?? []).map(({ channel }) => channel.pause()));
    },
    async synchronise(directions, timeoutMs, signal) {
      if (generation === 0) return [];
      const chosen = (channels ?? []).filter(
        (one, index) => running.has(index) && directions.includes(one.specification.direction),
      );
      const outcomes = await Promise.all(
        chosen.map(({ specification, channel }) =>
          channel.synchronise({ timeoutMs, signal }).then(
            () => undefined,
            (error: unknown) => `${specification.local_path}: ${reasonOf(error)}`,
          ),
        ),
      );
      return outcomes.filter((one) => one !== undefined);
    },
    async synchroniseNow(index, signal) {
      if (generation === 0 || channels === undefined) {
        throw new PortalError('portal-conflict', 'its channels do not run just now', {
          hint: 'they run while the portal is open: wait for it, or open it',
        });
      }
      if (index !== undefined && !running.has(index)) {
        throw new PortalError('channel', `channel ${index} is paused`, {
          hint: 'resume it first',
        });
      }
      const chosen = channels.filter((_, one) => running.has(one) && (index === undefined || one === index));
      await Promise.all(chosen.map(({ channel }) => channel.synchronise({ timeoutMs: longestMs, signal })));
    },
    views: () =>
      specifications.map((one, index) => ({
        index,
        direction: one.direction,
        localPath: one.local_path,
        remotePath: one.remote_path,
        ...(channels?.[index]?.channel.view() ?? {
          state: 'stopped',
          synchronisations: 0,
          files: 0,
          bytes: 0,
          isPending: false,
        }),
        ...(isPaused(index) && { state: 'paused' as const }),
      })),
    async close() {
      generation = 0;
      over = undefined;
      running.clear();
      const closing = channels ?? [];
      channels = undefined;
      await Promise.all(closing.map(({ channel }) => channel.close()));
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof PortalError || error instanceof Error ? error.message : String(error);
}
