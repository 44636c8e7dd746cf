// A channel that fails for long is told, and so is its end; what passes by itself is not.
import type { Message } from '../../protocol/events.ts';
import type { ChannelView } from '../../protocol/portal-view.ts';

const patienceMs = 10_000;

export interface ChannelTrouble {
  /** What to say of the channels now: each failure once, and when it is over. */
  news(channels: readonly ChannelView[], now: number): Pick<Message, 'level' | 'text'>[];
}

export function createChannelTrouble(): ChannelTrouble {
  /** By position: what was told since it last was well. */
  const told = new Map<number, Set<string>>();
  return {
    news: (channels, now) =>
      channels.flatMap(({ index, state, error, failingSince }): Pick<Message, 'level' | 'text'>[] => {
        const known = told.get(index);
        if (error === undefined) {
          told.delete(index);
          const isWell = known !== undefined && state !== 'stopped' && state !== 'paused';
          return isWell ? [{ level: 'info', text: `channel ${index} goes on` }] : [];
        }
        if (known?.has(error) === true || now - Date.parse(failingSince ?? '') < patienceMs) return [];
        told.set(index, new Set([...(known ?? []), error]));
        return [{ level: 'warning', text: `channel ${index}: ${error}` }];
      }),
  };
}
