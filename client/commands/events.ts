// portalctl events: the latest that happened, and with --follow what happens, as it happens.
import { PortalError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/events.ts';
import { unknownPortal } from '../../protocol/unknown-portal.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import type { Command } from '../command.ts';
import type { Connection, DeltaEvent } from '../connection.ts';
import { withDaemon } from '../daemon.ts';
import { eventTeller } from '../event-text.ts';
import { exitCodes } from '../exit-codes.ts';
import { catchInterrupt } from '../interrupt.ts';
import { lineCount } from '../line-count.ts';
import { checkedPortalName } from '../portal-name.ts';

const help = `Tells the latest that happened to the portals, or with NAME to one, also before
a restart of portald. With --follow it goes on with what happens, as it happens,
until Ctrl-C, after a line that says how things stand.

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
                  at the end, unless Ctrl-C made it, {"error": {…}}
  -h, --help      show this help

exit codes:
  0  done; with --follow ended by Ctrl-C, or by whoever read it
  1  failed
  2  wrong use
  3  no daemon, or it went away
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
    return withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      const tell = eventTeller(output, Date.parse(greeting.now));
      if (flags.has('follow')) {
        await follow(connection, name, count, tell);
        return exitCodes.done;
      }
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

/** Resolves on Ctrl-C; throws PortalError when the connection is lost. */
async function follow(
  connection: Connection,
  name: string | undefined,
  count: number,
  tell: ReturnType<typeof eventTeller>,
): Promise<void> {
  const interrupt = catchInterrupt();
  const interrupted = new Promise<void>((resolve) => {
    interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
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
    const events = await latest(connection, portals, count);
    tell.snapshot({ ...snapshot, portals }, events);
    deliver = tell.delta;
    // What happened while the history was asked for may stand there already.
    const known = new Set(events.map(identityOf));
    for (const event of early) {
      if (event.type !== 'message' || !known.has(identityOf(event.message))) deliver(event);
    }
    const lost = await Promise.race([interrupted, connection.lost]);
    if (lost instanceof PortalError) throw lost;
  } finally {
    interrupt.release();
  }
}

function portalOf(event: DeltaEvent): string {
  return event.type === 'portal' ? event.portal.name : event.message.portal;
}

function identityOf({ at, portal, text }: Message): string {
  return [at, portal, text].join('\n');
}
