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
  pause(): Promise<void>;
  /** Synchronises the channels of these directions; returns a sentence for each that failed. */
  synchronise(
    directions: readonly ('in' | 'out')[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<string[]>;
  views(): ChannelView[];
  close(): Promise<void>;
}

export function createChannelSet(
  specifications: readonly ChannelSpecification[],
  open: OpenChannel,
  changed: () => void,
): ChannelSet {
  let channels: readonly { specification: ChannelSpecification; channel: Channel }[] | undefined;
  let generation = 0;

  return {
    runsOn: () => generation,
    start(number, transport) {
      channels ??= specifications.map((specification) => ({
        specification,
        channel: open(specification, changed),
      }));
      for (const { channel } of channels) channel.resume(transport);
      generation = number;
    },
    async pause() {
      generation = 0;
      await Promise.all((channels ?? []).map(({ channel }) => channel.pause()));
    },
    async synchronise(directions, timeoutMs, signal) {
      if (generation === 0) return [];
      const chosen = (channels ?? []).filter((one) => directions.includes(one.specification.direction));
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
    views: () =>
      specifications.map((one, index) => ({
        index,
        direction: one.direction,
        localPath: one.local_path,
        remotePath: one.remote_path,
        ...(channels?.[index]?.channel.view() ?? { state: 'stopped', synchronisations: 0 }),
      })),
    async close() {
      generation = 0;
      const closing = channels ?? [];
      channels = undefined;
      await Promise.all(closing.map(({ channel }) => channel.close()));
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof PortalError || error instanceof Error ? error.message : String(error);
}
