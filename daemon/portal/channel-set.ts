// A portal's channels as one thing: they watch for as long as the portal is wanted, and run over one generation's
// connection at a time.
import { PortalError } from '../../protocol/errors.ts';
import type { ChannelView } from '../../protocol/portal-view.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import type { Channel, ChannelMount, ChannelTransport, OpenChannel, SshTransport } from './gateways.ts';

export interface ChannelSet {
  /** Generation over whose connection they run; 0 for none. */
  runsOn(): number;
  /** `mountsOf`: what must be mounted for a channel. */
  start(
    generation: number,
    transport: SshTransport,
    mountsOf: (specification: ChannelSpecification) => readonly ChannelMount[],
  ): void;
  /** When one of them last found that a volume is not mounted, milliseconds; undefined if none did. */
  unmountedAt(): number | undefined;
  /** Pauses and resumes single channels as the user wishes now. */
  heedWishes(): Promise<void>;
  /** Ends channels that are not specified any more, after a last synchronisation, and begins new ones. */
  adopt(): Promise<void>;
  /** Who waits for a synchronisation is told `because`. */
  pause(because: string): Promise<void>;
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

/** One that has been opened. */
interface Opened {
  readonly specification: ChannelSpecification;
  readonly channel: Channel;
  isRunning: boolean;
}

/** The longest time of a timer, 24 days: the one who waits gives up, not we. */
const longestMs = 2 ** 31 - 1;
/** What was saved for a channel that is not wanted any more still goes, for so long. */
const farewellMs = 60_000;

/** `specifications` are those of now; `isPaused` tells by their positions. */
export function createChannelSet(
  specifications: () => readonly ChannelSpecification[],
  open: OpenChannel,
  changed: () => void,
  isPaused: (index: number) => boolean,
): ChannelSet {
  /** By position; undefined before the first start. */
  let channels: readonly Opened[] | undefined;
  /** Not wanted any more, and not ended yet. */
  const leaving = new Set<Opened>();
  let generation = 0;
  let over: ((specification: ChannelSpecification) => ChannelTransport) | undefined;
  const begin = (specification: ChannelSpecification): Opened => ({
    specification,
    channel: open(specification, changed),
    isRunning: false,
  });
  const heedWishes = async (): Promise<void> => {
    const pausing: Promise<void>[] = [];
    for (const [index, one] of (channels ?? []).entries()) {
      const isWanted = over !== undefined && !isPaused(index);
      if (isWanted === one.isRunning) continue;
      one.isRunning = isWanted;
      if (isWanted && over !== undefined) one.channel.resume(over(one.specification));
      else pausing.push(one.channel.pause());
    }
    await Promise.all(pausing);
  };
  const stopAll = (): void => {
    generation = 0;
    over = undefined;
    for (const one of channels ?? []) one.isRunning = false;
  };

  return {
    runsOn: () => generation,
    start(number, transport, mountsOf) {
      channels ??= specifications().map(begin);
      over = (specification) => ({ ...transport, mounts: mountsOf(specification) });
      generation = number;
      // Another transport is another connection: all of them begin anew.
      for (const one of channels) one.isRunning = false;
      void heedWishes();
    },
    heedWishes,
    async adopt() {
      if (channels === undefined) return;
      const former = [...channels];
      channels = specifications().map((specification) => {
        const same = former.findIndex((one) => isSame(one.specification, specification));
        return same < 0 ? begin(specification) : (former.splice(same, 1)[0] ?? begin(specification));
      });
      const ending = former.map(async (one) => {
        const { channel, isRunning } = one;
        leaving.add(one);
        const { signal } = new AbortController();
        // What could not be synchronised was told by the channel, and stays where it was saved.
        if (isRunning) await channel.synchronise({ timeoutMs: farewellMs, signal }).catch(() => undefined);
        await channel.close();
        leaving.delete(one);
      });
      await Promise.all([heedWishes(), ...ending]);
    },
    async pause(because) {
      stopAll();
      await Promise.all((channels ?? []).map(({ channel }) => channel.pause(because)));
    },
    async synchronise(directions, timeoutMs, signal) {
      if (generation === 0) return [];
      const chosen = (channels ?? []).filter(
        (one) => one.isRunning && directions.includes(one.specification.direction),
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
      if (index !== undefined && channels[index]?.isRunning !== true) {
        throw new PortalError('channel', `channel ${index} is paused`, {
          hint: 'resume it first',
        });
      }
      const chosen = channels.filter((one, at) => one.isRunning && (index === undefined || at === index));
      await Promise.all(chosen.map(({ channel }) => channel.synchronise({ timeoutMs: longestMs, signal })));
    },
    unmountedAt() {
      const times = (channels ?? []).map(({ channel }) => channel.unmountedAt());
      return times.reduce(
        (latest, one) => (one !== undefined && one > (latest ?? 0) ? one : latest),
        undefined,
      );
    },
    views: () =>
      specifications().map((one, index) => ({
        index,
        direction: one.direction,
        localPath: one.local_path,
        remotePath: one.remote_path,
        ...(one.delete === true && { deletes: true as const }),
        ...(one.exclude !== undefined && one.exclude.length > 0 && { exclude: one.exclude }),
        ...(viewOf(channels?.[index], one) ?? {
          state: 'stopped',
          synchronisations: 0,
          files: 0,
          bytes: 0,
          isPending: false,
        }),
        ...(isPaused(index) && { state: 'paused' as const }),
      })),
    async close() {
      stopAll();
      const closing = [...(channels ?? []), ...leaving];
      channels = undefined;
      await Promise.all(closing.map(({ channel }) => channel.close()));
    },
  };
}

/** Between a change of the specifications and `adopt` the two lists differ. */
function viewOf(opened: Opened | undefined, specification: ChannelSpecification) {
  return opened !== undefined && isSame(opened.specification, specification)
    ? opened.channel.view()
    : undefined;
}

function isSame(one: ChannelSpecification, other: ChannelSpecification): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function reasonOf(error: unknown): string {
  return error instanceof PortalError || error instanceof Error ? error.message : String(error);
}
