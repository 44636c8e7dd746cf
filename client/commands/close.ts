// portalctl close: closes a portal and waits until EC2 shows nothing of it left.
import { PortalError } from '../../protocol/errors.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkedPortalName } from '../portal-name.ts';
import { pathNamed } from '../specification-file.ts';
import { problemOf, pursueWish } from '../wish.ts';

const help = `Closes a portal, and waits until EC2 shows nothing of it left: the channels make
a last synchronisation, the volumes are unmounted and detached, the instance and
its fleet are ended. The volumes and their data stay.

NAME is a portal's name, or the path of its specification; a portal that was
opened from another file is left alone then.

options:
  --no-wait   return once the daemon has accepted the wish
  --json      print {"portal": {"name", "state", "step", "volumes", …}},
              or {"error": {"kind", "message", …}}
  -h, --help  show this help

Ctrl-C ends the waiting, not the closing.

exit codes:
  0    closed, everything it cost is gone; or accepted, with --no-wait
  1    failed
  2    wrong use
  3    no daemon, or it went away
  4    no such portal
  130  Ctrl-C ended the waiting

example:
  portalctl close gpu
`;

export const command: Command = {
  usage: 'close NAME [--no-wait] [--json]',
  help,
  flags: ['no-wait'],
  argumentCount: [1, 1],
  run(invocation) {
    const { positionals, flags, output, environment, workingFolder } = invocation;
    const [argument = ''] = positionals;
    const name = checkedPortalName(argument);
    return withDaemon(invocation, async (connection, greeting) => {
      const path = await pathNamed(argument, workingFolder);
      warnOfOtherAccount(output, environment, greeting.aws);
      const outcome = await pursueWish({
        connection,
        output,
        name,
        cancellable: false,
        acceptedIsEnough: flags.has('no-wait'),
        verdict,
        send: (options) =>
          connection.call('portal.close', { name, ...(path !== undefined && { path }) }, options),
      });
      if (outcome.kind === 'interrupted') {
        const message = `no longer waiting; portald goes on closing ${name}`;
        if (output.json) output.value({ error: { kind: 'cancelled', message, retryable: true } });
        else {
          output.complain(message);
          output.complain(
            `hint: see how it goes: portalctl status ${name}; once closed, it can be opened again`,
          );
        }
        return exitCodes.interrupted;
      }
      const { view, before } = outcome;
      if (output.json) output.value({ portal: view });
      else if (before?.state === 'closed' && view.state === 'closed') {
        output.line(`${name} is already closed`);
      } else if (outcome.kind === 'accepted') {
        output.line(`portald is closing ${name}; follow it: portalctl events ${name} --follow`);
      } else {
        output.line({ text: `${name} is closed`, style: 'green' }, ': everything it cost is gone');
        tellVolumes(view, (line) => output.line(line));
      }
      return exitCodes.done;
    });
  },
};

function verdict(view: PortalView): 'fulfilled' | PortalError | undefined {
  if (view.state === 'closed') return 'fulfilled';
  if (view.state !== 'failed') return undefined;
  return problemOf(view, new PortalError('configuration', `${view.name} failed: ${view.step.reason}`));
}

function tellVolumes({ volumes }: PortalView, print: (line: string) => void): void {
  if (volumes.length === 0) return;
  const ids = volumes.map((volume) => volume.id).join(', ');
  print(`kept with their data, and paid for as ever: ${ids}`);
}
