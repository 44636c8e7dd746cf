// portalctl events: the latest that happened, and with --follow what happens, as it happens.
import { PortalError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/events.ts';
import { unknownPortal } from '../../protocol/unknown-portal.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import type { Command, Invocation } from '../command.ts';
import type { Connection, DeltaEvent } from '../connection.ts';
import { withDaemon } from '../daemon.ts';
import { type EventTeller, eventTeller } from '../event-text.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportFailure } from '../failure.ts';
import { catchInterrupt } from '../interrupt.ts';
import { lineCount } from '../line-count.ts';
import { overRestarts } from '../over-restarts.ts';
import { checkedPortalName } from '../portal-name.ts';

const help = `Tells the latest that happened to the portals, or with NAME to one, also before
a restart of portald. With --follow it goes on with what happens, as it happens,
until Ctrl-C, also over restarts of portald, after a line that says how things
stand.

options:
  -f, --follow    go on until Ctrl-C
      --lines N   so many of the latest, by default 20; 50 a portal are kept
      --json      print {"events": [{"at", "portal", "level", "text", "state":
                  when that changed}]}, oldest first; or {"error": {"kind",
                  "message", …}}. With --follow one JSON document a line: first
                  {"type": "snapshot", "sequence", "portals": […]}, then
                  {"type": "history", "events": [the same]}, then
                  {"type": "portal", "sequence", "portal"} when a portal
                  changed, {"type": "message", "sequence", "message":
                  {"at", "portal", "level", "text"}} when something happened;
                  {"error": {…}} when portald went away, and a snapshot and a
                  history of what happened meanwhile when it is back
  -h, --help      show this help

exit codes:
  0  done; with --follow ended by Ctrl-C, or by whoever read it
  1  failed
  2  wrong use
  3  no daemon
  4  no such portal

example:
  portalctl events gpu --follow
`;

export const command: Command = {
  usage: 'events [NAME] [-f|--follow] [--lines N] [--json]',
  help,
  flags: ['follow'],
  values: ['lines'],
  letters: { f: 'follow' },
  argumentCount: [0, 1],
  run(invocation) {
    const { positionals, flags, values, output, environment } = invocation;
    const name = positionals[0] === undefined ? undefined : checkedPortalName(positionals[0]);
    const count = lineCount(values, 20);
    if (flags.has('follow')) return follow(invocation, name, count);
    return withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      const tell = eventTeller(output, Date.parse(greeting.now));
      const { portals } =
        name === undefined ? await connection.call('portal.list', {}) : { portals: [{ name }] };
      const events = await latest(connection, portals, count);
      if (output.json) output.value({ events });
      else if (events.length === 0 && count > 0) output.line('nothing has happened yet');
      else tell.history(events);
      return exitCodes.done;
    });
  },
};

/** What happened last to these portals, oldest first. */
async function latest(
  connection: Connection,
  portals: readonly { readonly name: string }[],
  count: number,
): Promise<Message[]> {
  const told = await Promise.all(
    portals.map(async ({ name }) => {
      const { history } = await connection.call('portal.explain', { name });
      return history.map((one) => ({ ...one, portal: name }));
    }),
  );
  const all = told.flat().toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return count === 0 ? [] : all.slice(-count);
}

/** Until Ctrl-C, over restarts of portald; resolves to the exit code. Throws PortalError. */
async function follow(invocation: Invocation, name: string | undefined, count: number): Promise<number> {
  const { output, environment } = invocation;
  const interrupt = catchInterrupt();
  /** Events already printed. When portald is back, only those that it recorded meanwhile are printed. */
  const told = new Set<string>();
  let isAgain = false;
  try {
    await overRestarts(invocation, interrupt.signal, {
      async run(connection, greeting, isSeen) {
        if (!isAgain) warnOfOtherAccount(output, environment, greeting.aws);
        const tell = eventTeller(output, Date.parse(greeting.now));
        const shown = isAgain ? Number.POSITIVE_INFINITY : count;
        await followConnection(connection, interrupt.signal, { name, count: shown, told, tell }, () => {
          isAgain = true;
          isSeen();
        });
      },
      lost(error) {
        if (output.json) reportFailure(output, error);
        else
          output.complain({
            text: 'portald went away; its events follow when it is back',
            style: 'yellow',
          });
      },
    });
  } finally {
    interrupt.release();
  }
  return exitCodes.done;
}

interface Following {
  readonly name: string | undefined;
  /** So many of those that happened before, at most. */
  readonly count: number;
  readonly told: Set<string>;
  readonly tell: EventTeller;
}

/** Resolves when `signal` aborts; throws PortalError when the connection is lost. */
async function followConnection(
  connection: Connection,
  signal: AbortSignal,
  { name, count, told, tell }: Following,
  isSeen: () => void,
): Promise<void> {
  const early: DeltaEvent[] = [];
  let deliver = (event: DeltaEvent): void => void early.push(event);
  const snapshot = await connection.subscribe((event) => {
    if (name === undefined || portalOf(event) === name) deliver(event);
  });
  const portals = snapshot.portals.filter((portal) => name === undefined || portal.name === name);
  if (name !== undefined && portals.length === 0) {
    throw unknownPortal(
      name,
      snapshot.portals.map((portal) => portal.name),
    );
  }
  const events = (await latest(connection, portals, count)).filter((one) => !told.has(identityOf(one)));
  for (const one of events) remember(told, one);
  tell.snapshot({ ...snapshot, portals }, events);
  isSeen();
  deliver = (event) => {
    if (event.type === 'message') {
      // What happened while the history was asked for may stand there already.
      if (told.has(identityOf(event.message))) return;
      remember(told, event.message);
    }
    tell.delta(event);
  };
  for (const event of early) deliver(event);
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const lost = await Promise.race([ended, connection.lost]);
  if (lost instanceof PortalError) throw lost;
}

/** More than portald keeps of all portals is not needed. */
const mostRemembered = 10_000;

function remember(told: Set<string>, message: Message): void {
  told.add(identityOf(message));
  for (const one of told) {
    if (told.size <= mostRemembered) break;
    told.delete(one);
  }
}

function portalOf(event: DeltaEvent): string {
  return event.type === 'portal' ? event.portal.name : event.message.portal;
}

function identityOf({ at, portal, text }: Message): string {
  return [at, portal, text].join('\n');
}
