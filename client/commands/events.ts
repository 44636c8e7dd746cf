// portalctl events: tells what happens, as it happens.
import { PortalError } from '../../protocol/errors.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import { unknownPortal } from '../../protocol/unknown-portal.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import type { Command } from '../command.ts';
import type { DeltaEvent, SnapshotEvent } from '../connection.ts';
import { withDaemon } from '../daemon.ts';
import { clockText } from '../duration.ts';
import { exitCodes } from '../exit-codes.ts';
import { catchInterrupt } from '../interrupt.ts';
import type { Output } from '../output.ts';
import { checkedPortalName } from '../portal-name.ts';

const help = `Tells what happens to the portals, or with NAME to one, as it happens, until
Ctrl-C. The first line says how things stand.

options:
  --json      print one JSON document a line: first
              {"type": "snapshot", "sequence", "portals": […]}, then
              {"type": "portal", "sequence", "portal"} when a portal changed,
              {"type": "message", "sequence", "message":
              {"at", "portal", "level", "text"}} when something happened;
              at the end, unless Ctrl-C made it,
              {"error": {"kind", "message", …}}
  -h, --help  show this help

exit codes:
  0  ended by Ctrl-C, or by whoever read it
  1  failed
  2  wrong use
  3  no daemon, or it went away
  4  no such portal

example:
  portalctl events gpu
`;

export const command: Command = {
  usage: 'events [NAME] [--json]',
  help,
  flags: [],
  argumentCount: [0, 1],
  run(invocation) {
    const { positionals, output, environment } = invocation;
    const name = positionals[0] === undefined ? undefined : checkedPortalName(positionals[0]);
    return withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      const interrupt = catchInterrupt();
      const interrupted = new Promise<void>((resolve) => {
        interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      try {
        const tell = createTeller(output);
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
        tell.snapshot({ ...snapshot, portals });
        deliver = tell.delta;
        early.forEach(deliver);
        const lost = await Promise.race([interrupted, connection.lost]);
        if (lost instanceof PortalError) throw lost;
        return exitCodes.done;
      } finally {
        interrupt.release();
      }
    });
  },
};

function portalOf(event: DeltaEvent): string {
  return event.type === 'portal' ? event.portal.name : event.message.portal;
}

interface Teller {
  readonly snapshot: (event: SnapshotEvent) => void;
  readonly delta: (event: DeltaEvent) => void;
}

function createTeller(output: Output): Teller {
  if (output.json) return { snapshot: (event) => output.value(event), delta: (event) => output.value(event) };
  const known = new Map<string, PortalView>();
  return {
    snapshot({ portals }) {
      for (const portal of portals) known.set(portal.name, portal);
      const list = portals.map(({ name, state }) => `${name} ${state}`).join(', ');
      output.line(portals.length === 0 ? 'no portals yet' : `now: ${list}`);
    },
    delta(event) {
      if (event.type === 'message') {
        const { at, portal, level, text } = event.message;
        const style = level === 'error' ? 'red' : 'yellow';
        output.line(
          { text: clockText(at), style: 'dim' },
          ` ${portal}: `,
          level === 'info' ? text : { text, style },
        );
        return;
      }
      // Most changes of a view only move a counter; people want to see those of the state.
      const { portal } = event;
      const before = known.get(portal.name);
      known.set(portal.name, portal);
      if (before?.state !== portal.state) {
        const doing = portal.step.what === portal.state ? '' : `: ${portal.step.what}`;
        output.line(
          { text: clockText(portal.step.since), style: 'dim' },
          ` ${portal.name}: ${before?.state ?? 'new'} → ${portal.state}${doing}`,
        );
      }
    },
  };
}
