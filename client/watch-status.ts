// portalctl status --watch: the status as it changes, on a live screen or as documents, over restarts of portald.
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalError } from '../protocol/errors.ts';
import type { MethodResults } from '../protocol/methods.ts';
import type { PortalView } from '../protocol/portal-view.ts';
import { unknownPortal } from '../protocol/unknown-portal.ts';
import { usageError } from './arguments.ts';
import { canAsk } from './ask.ts';
import type { Invocation } from './command.ts';
import type { Connection } from './connection.ts';
import { exitCodes } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { catchInterrupt } from './interrupt.ts';
import { openLiveScreen } from './live-screen.ts';
import { type Piece, wantsColours } from './output.ts';
import { overRestarts } from './over-restarts.ts';
import { daemonLines, portalLines } from './status-text.ts';

type Status = MethodResults['daemon.status'];

interface Watcher {
  /** As it is now; `nowMs` tells the daemon's time. */
  seen(status: Status, nowMs: () => number): void;
  lost(error: PortalError): void;
}

const drawEveryMs = 1000;
/** portald may not know its account yet when it is asked for the first time. */
const askAgainMs = 5000;

/** Watches all portals, or the one named, until the person leaves; resolves to the exit code. Throws PortalError. */
export async function watchStatus(invocation: Invocation, name: string | undefined): Promise<number> {
  const { output } = invocation;
  const isDumb = invocation.environment['TERM'] === 'dumb';
  if (!output.json && (isDumb || !canAsk(output))) {
    throw usageError(
      isDumb ? 'this terminal (TERM=dumb) cannot show a live screen' : 'a live screen needs a terminal',
      'leave out --watch; or --watch --json prints a document for every change',
    );
  }
  await (output.json ? watchAsJson(invocation, name) : watchOnScreen(invocation, name));
  return exitCodes.done;
}

async function watchAsJson(invocation: Invocation, name: string | undefined): Promise<void> {
  const { output } = invocation;
  const interrupt = catchInterrupt();
  let last = '';
  try {
    await follow(invocation, name, interrupt.signal, {
      seen(status) {
        const value = name === undefined ? status : { portal: find(status.portals, name) };
        const text = JSON.stringify(value);
        if (text !== last) output.value(value);
        last = text;
      },
      lost(error) {
        if (last !== '') reportFailure(output, error);
        last = '';
      },
    });
  } finally {
    interrupt.release();
  }
}

async function watchOnScreen(invocation: Invocation, name: string | undefined): Promise<void> {
  let lines: () => readonly (readonly Piece[])[] = () => [['asking portald …']];
  const leaving = new AbortController();
  const screen = openLiveScreen(wantsColours(invocation.environment));
  const draw = (): void => screen.show(lines());
  const timer = setInterval(draw, drawEveryMs);
  void screen.left.then(() => leaving.abort());
  try {
    draw();
    await follow(invocation, name, leaving.signal, {
      seen(status, nowMs) {
        lines = () =>
          name === undefined
            ? daemonLines(status, nowMs())
            : portalLines(find(status.portals, name), nowMs());
        draw();
      },
      lost() {
        const before = lines();
        const told = {
          text: 'portald went away, trying again; this is what it said last:',
          style: 'red',
        } as const;
        lines = () => [[told], [], ...before.map((line) => line)];
        draw();
      },
    });
  } finally {
    clearInterval(timer);
    screen.close();
  }
}

/** Tells `watcher` until `signal` aborts. Throws what a first try meets, and what no other try will mend. */
async function follow(
  invocation: Invocation,
  name: string | undefined,
  signal: AbortSignal,
  watcher: Watcher,
): Promise<void> {
  await overRestarts(invocation, signal, {
    async run(connection, greeting, isSeen) {
      const behindMs = Date.parse(greeting.now) - performance.now();
      await followConnection(connection, signal, (status) => {
        if (name !== undefined) find(status.portals, name);
        isSeen();
        watcher.seen(status, () => performance.now() + behindMs);
      });
    },
    lost: watcher.lost,
  });
}

/** Resolves when `signal` aborts; throws PortalError when the connection ends. */
async function followConnection(
  connection: Connection,
  signal: AbortSignal,
  seen: (status: Status) => void,
): Promise<void> {
  const views = new Map<string, PortalView>();
  let status: Status | undefined;
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const tell = (): void => {
    if (status === undefined) return;
    try {
      seen({ ...status, portals: [...views.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)) });
    } catch (error) {
      failure.reject(error);
    }
  };
  const snapshot = await connection.subscribe((event) => {
    if (event.type !== 'portal') return;
    views.set(event.portal.name, event.portal);
    tell();
  });
  // A change that came with the answer is newer than the snapshot.
  for (const portal of snapshot.portals) if (!views.has(portal.name)) views.set(portal.name, portal);
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  while (!signal.aborted) {
    const asked = connection.call('daemon.status', {});
    asked.catch(() => undefined);
    const answer = await Promise.race([asked, ended]);
    if (answer === undefined) return;
    status = answer;
    tell();
    const again =
      answer.aws.account === undefined
        ? sleep(askAgainMs, undefined, { ref: false })
        : new Promise<void>(() => undefined);
    const lost = await Promise.race([ended, connection.lost, failure.promise, again]);
    if (lost instanceof PortalError) throw lost;
  }
}

function find(portals: readonly PortalView[], name: string): PortalView {
  const found = portals.find((portal) => portal.name === name);
  if (found !== undefined) return found;
  throw unknownPortal(
    name,
    portals.map((portal) => portal.name),
  );
}
