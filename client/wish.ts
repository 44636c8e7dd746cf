// A wish about one portal (open it, close it): sent, then followed by the daemon's events until it has come true.
import { PortalError } from '../protocol/errors.ts';
import type { PortalView } from '../protocol/portal-view.ts';
import type { CallOptions, Connection } from './connection.ts';
import { catchInterrupt } from './interrupt.ts';
import type { Output } from './output.ts';
import { startProgress } from './progress.ts';
import { startHint } from './start-hint.ts';

export interface WishOptions {
  readonly connection: Connection;
  readonly output: Output;
  readonly name: string;
  /** Sends the wish. */
  readonly send: (options: CallOptions) => Promise<{ readonly portal: PortalView; readonly differs?: true }>;
  /** Whether Ctrl-C takes the wish back while it is still being checked. */
  readonly cancellable: boolean;
  /** Return once the daemon has accepted the wish. */
  readonly acceptedIsEnough: boolean;
  /** Whether the wish has come true in this view, or cannot any more. */
  readonly verdict: (view: PortalView) => 'fulfilled' | PortalError | undefined;
}

/** `before` is the portal as it was before the wish, if the daemon knew it. */
export type WishOutcome =
  | {
      readonly kind: 'accepted' | 'fulfilled';
      readonly view: PortalView;
      readonly before: PortalView | undefined;
      /** It was open before, and with another specification. */
      readonly differs: boolean;
    }
  | { readonly kind: 'interrupted'; readonly accepted: boolean };

/** Sends a wish and waits. Throws PortalError: the daemon's refusal, the verdict's, or `no-daemon` if it goes away. */
export async function pursueWish(options: WishOptions): Promise<WishOutcome> {
  const { connection, output, name, verdict } = options;
  const interrupt = catchInterrupt();
  const progress = startProgress(output, () => performance.now());
  const interrupted = new Promise<void>((resolve) => {
    interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let latest: PortalView | undefined;
  let changed = Promise.withResolvers<void>();
  try {
    const snapshot = await connection.subscribe((event) => {
      if (event.type === 'message' && event.message.portal === name) {
        progress.tell(event.message.text, event.message.level);
      }
      if (event.type === 'portal' && event.portal.name === name) {
        latest = event.portal;
        progress.show(latest);
        changed.resolve();
      }
    });
    const before = snapshot.portals.find((portal) => portal.name === name);

    const sent = options.send({
      onProgress: (text) => progress.tell(text),
      ...(options.cancellable && { signal: interrupt.signal }),
    });
    const answer = await sent.catch((error: unknown) => {
      if (interrupt.signal.aborted && error instanceof PortalError && error.kind === 'cancelled')
        return undefined;
      throw error;
    });
    if (answer === undefined) return { kind: 'interrupted', accepted: false };

    // The portal may have gone on, and told so, before the answer was here; the newer view counts.
    let view: PortalView = latest ?? answer.portal;
    const differs = answer.differs === true;
    if (options.acceptedIsEnough) return { kind: 'accepted', view, before, differs };
    progress.show(view);
    for (;;) {
      const ruling = verdict(view);
      if (ruling === 'fulfilled') return { kind: 'fulfilled', view, before, differs };
      if (ruling !== undefined) throw ruling;
      if (interrupt.signal.aborted) return { kind: 'interrupted', accepted: true };
      changed = Promise.withResolvers();
      const lost = await Promise.race([changed.promise, interrupted, connection.lost]);
      if (lost instanceof PortalError) throw lostWhileWaiting(lost, name);
      view = latest ?? view;
    }
  } finally {
    progress.stop();
    interrupt.release();
  }
}

function lostWhileWaiting(lost: PortalError, name: string): PortalError {
  if (lost.kind !== 'no-daemon') return lost;
  return new PortalError('no-daemon', `portald went away while ${name} was waited for`, {
    hint: `${startHint}\nit goes on where it was; then see: portalctl status ${name}`,
  });
}

/** The portal's own problem as an error, or `fallback` if it tells of none. */
export function problemOf(view: PortalView, fallback: PortalError): PortalError {
  const { problem } = view;
  if (problem === undefined) return fallback;
  return new PortalError(problem.kind, problem.message, {
    ...(problem.hint !== undefined && { hint: problem.hint }),
    ...(problem.problems !== undefined && { problems: problem.problems }),
    ...(problem.id !== undefined && { id: problem.id }),
  });
}
