// portalctl reload: an open portal takes up what its specification says now.
import { portalsFolder } from '../../protocol/paths.ts';
import { ownIdentity, warnOfOtherAccount } from '../account-warning.ts';
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportFailure } from '../failure.ts';
import { checkedPortalName } from '../portal-name.ts';
import { findSpecification, pathNamed } from '../specification-file.ts';

const help = `Takes up what the specification of an open portal says now: its channels,
on_open and on_interruption at once, everything else with the next instance,
which status shows as pending. Volumes and availability zone hold until the
portal is closed. A file with a mistake changes nothing.

A channel that is no longer there makes a last synchronisation; nothing that it
has moved is deleted. Channels that stay as they are go on undisturbed.

NAME is a portal's name, or the path of its specification.

options:
  --json      print {"portal": {"name", "state", "channels", "pending", …}};
              or {"error": {"kind", "message", "hint", "problems"}}
  -h, --help  show this help

exit codes:
  0  done
  1  failed
  2  wrong use, or an invalid specification
  3  no daemon
  4  no such portal

example:
  portalctl reload gpu
`;

export const command: Command = {
  usage: 'reload NAME [--json]',
  help,
  flags: [],
  argumentCount: [1, 1],
  run(invocation) {
    const { positionals, output, environment, workingFolder } = invocation;
    const [argument = ''] = positionals;
    const name = checkedPortalName(argument);
    return withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      const { portal: before } = await connection.call('portal.status', { name });
      const named = (await pathNamed(argument, workingFolder)) ?? before.specificationPath;
      const file = await findSpecification(named, workingFolder, portalsFolder(environment));
      const { path, text } = file;
      try {
        const { portal } = await connection.call(
          'portal.reload',
          { name, path, text, environment: ownIdentity(environment) },
          { onProgress: (message) => output.line({ text: message, style: 'dim' }) },
        );
        if (output.json) output.value({ portal });
        else {
          output.line(`${name} has the channels and commands of ${file.shownPath}`);
          if (portal.pending !== undefined)
            output.line(`with its next instance: ${portal.pending.join(', ')}`);
        }
        return exitCodes.done;
      } catch (error) {
        return reportFailure(output, error, file.shownPath);
      }
    });
  },
};
