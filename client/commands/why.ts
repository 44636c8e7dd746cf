// portalctl why: how a portal came to be as it is, what it waits for, and what can be done.
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkedPortalName } from '../portal-name.ts';
import { whyLines } from '../why-text.ts';

const help = `Tells in a few lines what state a portal is in, how it came to it, what portald
does or waits for now, and what you can do. AWS's own codes are in brackets.

options:
  --json      print {"portal": {"name", "state", "step", "problem", …},
              "history": [{"at", "level", "text", "state": when that changed}]}
              with the last 50 that happened, also before a restart; or
              {"error": {"kind", "message", …}}
  -h, --help  show this help

exit codes:
  0  done
  1  failed
  2  wrong use
  3  no daemon
  4  no such portal

example:
  portalctl why gpu
`;

export const command: Command = {
  usage: 'why NAME [--json]',
  help,
  flags: [],
  argumentCount: [1, 1],
  run(invocation) {
    const { positionals, output } = invocation;
    const name = checkedPortalName(positionals[0] ?? '');
    return withDaemon(invocation, async (connection, greeting) => {
      const why = await connection.call('portal.explain', { name });
      if (output.json) output.value(why);
      else for (const pieces of whyLines(why, Date.parse(greeting.now))) output.line(...pieces);
      return exitCodes.done;
    });
  },
};
