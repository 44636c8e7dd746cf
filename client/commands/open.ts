// portalctl open: hands a specification to the daemon and waits until its portal is open.
import { PortalError } from '../../protocol/errors.ts';
import { portalsFolder } from '../../protocol/paths.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import { accountWarner, ownIdentity } from '../account-warning.ts';
import type { Command, Invocation } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportFailure } from '../failure.ts';
import type { Output } from '../output.ts';
import { forSeveral } from '../several.ts';
import { findSpecification } from '../specification-file.ts';
import { sshLine } from '../ssh-line.ts';
import { problemOf, pursueWish } from '../wish.ts';

const help = `Opens the portal that a specification describes, and waits until it is open:
requests an instance, attaches and mounts the volumes, installs the packages,
starts the channels. A portal that is open already stays as it is. Several are
opened at the same time; the highest exit code counts.

NAME is NAME.yaml, NAME.yml or NAME.json in the working folder, else in
$XDG_CONFIG_HOME/portald/portals (by default ~/.config/portald/portals); or the
path of such a file. The portal has the name of its file: 1 to 63 letters,
digits, dots, underscores and dashes.

options:
  --no-wait   return once the daemon has accepted the specification
  --json      print {"portal": {"name", "state", "step", "instance", …}}, with
              "differs": true if it was open before and the file says something
              else now; or {"error": {"kind", "message", "hint", "retryable",
              "problems": [{"line", "column", "path", "message"}]}}; of several
              {"portals": [{"name" and what it would have printed alone}]}
  -h, --help  show this help

Ctrl-C ends the waiting, not the opening; while the specification is still
being checked, it takes it back.

exit codes:
  0    open; or accepted, with --no-wait
  1    failed
  2    wrong use, or an invalid specification: every mistake is told as
       FILE:LINE:COLUMN: FIELD: MESSAGE
  3    no daemon, or it went away
  4    no such specification file
  130  Ctrl-C ended the waiting

example:
  portalctl open gpu cpu
`;

export const command: Command = {
  usage: 'open NAME… [--no-wait] [--json]',
  help,
  flags: ['no-wait'],
  names: 'specifications',
  argumentCount: [1, Number.POSITIVE_INFINITY],
  run(invocation) {
    const { positionals, output, environment } = invocation;
    const warn = accountWarner(output, environment);
    const open = (argument: string, own: Output): Promise<number> =>
      openOne({ ...invocation, output: own }, argument, warn);
    const [first = '', ...more] = positionals;
    return more.length === 0 ? open(first, output) : forSeveral(positionals, output, open);
  },
};

async function openOne(
  invocation: Invocation,
  argument: string,
  warn: ReturnType<typeof accountWarner>,
): Promise<number> {
  const { flags, output, environment, workingFolder } = invocation;
  const file = await findSpecification(argument, workingFolder, portalsFolder(environment));
  const { name, path, text } = file;
  try {
    return await withDaemon(invocation, async (connection, greeting) => {
      const outcome = await pursueWish({
        connection,
        output,
        name,
        cancellable: true,
        acceptedIsEnough: flags.has('no-wait'),
        verdict,
        send: (options) =>
          connection.call(
            'portal.open',
            { name, path, text, environment: ownIdentity(environment) },
            options,
          ),
      });
      if (outcome.kind === 'interrupted') {
        const message = outcome.accepted
          ? `no longer waiting; portald goes on opening ${name}`
          : `taken back: ${name} is not being opened`;
        if (output.json) output.value({ error: { kind: 'cancelled', message, retryable: true } });
        else output.complain(message);
        if (outcome.accepted && !output.json) {
          output.complain(`hint: see how it goes: portalctl status ${name}; undo: portalctl close ${name}`);
        }
        return exitCodes.interrupted;
      }
      const { view, before, differs } = outcome;
      // A new opening is refused by the daemon then; what was open before stays so.
      warn(greeting.aws);
      if (output.json) output.value({ portal: view, ...(differs && { differs }) });
      else if (before?.state === 'open' && view.state === 'open') output.line(`${name} is already open`);
      else if (outcome.kind === 'accepted') {
        output.line(`portald is opening ${name}; follow it: portalctl events ${name} --follow`);
      } else output.line({ text: `${name} is open`, style: 'green' }, addressText(view));
      const login = view.state === 'open' ? sshLine(view) : undefined;
      if (login !== undefined) output.line(login);
      if (differs && !output.json) {
        output.complain(
          { text: 'warning: ', style: 'yellow' },
          `${file.shownPath} says something else now than when ${name} was opened; that is not applied`,
        );
        output.complain(`hint: apply it: portalctl reload ${name}`);
      }
      return exitCodes.done;
    });
  } catch (error) {
    return reportFailure(output, error, file.shownPath);
  }
}

function verdict(view: PortalView): 'fulfilled' | PortalError | undefined {
  const { name, state, step } = view;
  if (state === 'open') return 'fulfilled';
  if (state === 'failed') {
    return problemOf(view, new PortalError('configuration', `${name} failed: ${step.reason}`));
  }
  // What fails to open is closed by itself: its reason is told once nothing of it is left.
  if (state === 'closed') {
    return new PortalError('portal-conflict', `${name} was closed while it was being opened`, {
      hint: `open it again: portalctl open ${name}`,
    });
  }
  return undefined;
}

function addressText(view: PortalView): string {
  const address = view.instance?.address;
  return address === undefined ? '' : `: ${view.user}@${address} (${view.instance?.id ?? ''})`;
}
