// What a waiting user sees: a line for everything that happens, with the time since the start, and on a terminal the
// current step in a last line that renews itself.
import type { Message } from '../protocol/events.ts';
import type { PortalView } from '../protocol/portal-view.ts';
import { durationText } from './duration.ts';
import type { Output, Style } from './output.ts';

export interface Progress {
  /** Something happened. */
  tell(text: string, level?: Message['level']): void;
  /** The portal's state and step are now these. */
  show(view: PortalView): void;
  /** Removes the last line and ends its timer. */
  stop(): void;
}

const levelStyles: Readonly<Record<Message['level'], Style | undefined>> = {
  info: undefined,
  warning: 'yellow',
  error: 'red',
};

/** Starts to show; `nowMs` is a clock in milliseconds. */
export function startProgress(output: Output, nowMs: () => number): Progress {
  const startedAt = nowMs();
  let step = '';
  let state = '';
  const elapsed = (): string => {
    const ms = nowMs() - startedAt;
    return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : durationText(ms);
  };
  const renew = (): void => {
    if (step !== '') output.status(`${elapsed().padStart(8)}  ${step} …`);
  };
  const timer = output.terminal ? setInterval(renew, 1000) : undefined;
  const tell = (text: string, level: Message['level'] = 'info'): void => {
    const style = levelStyles[level];
    output.line(
      { text: elapsed().padStart(8), style: 'dim' },
      '  ',
      style === undefined ? text : { text, style },
    );
    renew();
  };
  return {
    tell,
    show(view) {
      const next = currentText(view);
      if (next === step) return;
      step = next;
      // Without a terminal every step would be a line; what happens is told anyway, so the way's beginning will do.
      const settled = ['open', 'closed', 'failed'].includes(view.state);
      if (!output.terminal && !settled && view.state !== state) tell(step);
      state = view.state;
      renew();
    },
    stop() {
      clearInterval(timer);
      output.status(undefined);
    },
  };
}

/** The state, what is done and why; a state is not explained by itself. */
function currentText({ state, step: { what, reason } }: PortalView): string {
  if (what === state) return reason === '' ? state : `${state}: ${reason}`;
  return `${state}: ${what}${reason === '' ? '' : ` (${reason})`}`;
}
