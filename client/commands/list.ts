// portalctl list: the portals and their states.
import { warnOfOtherAccount } from '../account-warning.ts';
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { tableLines } from '../table.ts';

const help = `Lists the portals that the daemon knows, each with its state: closed, opening,
open, recovering, closing or failed.

options:
  --json      print {"portals": [{"name", "state", "step", …}]},
              or {"error": {"kind", "message", …}}
  -h, --help  show this help

exit codes:
  0  done
  1  failed
  2  wrong use
  3  no daemon

example:
  portalctl list --json
`;

export const command: Command = {
  usage: 'list [--json]',
  help,
  flags: [],
  argumentCount: [0, 0],
  run(invocation) {
    const { output, environment } = invocation;
    return withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      const { portals } = await connection.call('portal.list', {});
      if (output.json) output.value({ portals });
      else if (portals.length === 0) output.line('no portals; open one: portalctl open NAME');
      else for (const line of tableLines(portals.map(({ name, state }) => [name, state]))) output.line(line);
      return exitCodes.done;
    });
  },
};
