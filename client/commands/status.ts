// portalctl status: the daemon and its portals at a glance, or one portal in detail.
import { warnOfOtherAccount } from '../account-warning.ts';
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkedPortalName } from '../portal-name.ts';
import { daemonLines, portalLines } from '../status-text.ts';

const help = `Shows the daemon, its account and Region, and a table of its portals, closed
ones only counted. With NAME everything about one portal: its state, what is
done and why, the instance and how to log in to it, an interruption's deadline,
volumes, channels, and the problem if there is one.

options:
  -w, --watch  go on showing it as it changes, on the whole terminal, until q or
               Ctrl-C; also over a restart of portald. With --json one document
               a change, and {"error": …} each time that portald goes away
      --json   print {"version", "pid", "startedAt", "stateFolder", "logFile",
               "aws", "setAside", "portals": […]}; with NAME {"portal":
               {"name", "state", "step", "generation", "instance", "ssh",
               "volumes", "channels", "pending", …}}, with "edited": true if
               its file was edited since; or {"error": {"kind", "message", …}}
  -h, --help   show this help

exit codes:
  0  done; with --watch ended by q or Ctrl-C
  1  failed
  2  wrong use
  3  no daemon
  4  no such portal

example:
  portalctl status gpu
`;

export const command: Command = {
  usage: 'status [NAME] [-w|--watch] [--json]',
  help,
  flags: ['watch'],
  letters: { w: 'watch' },
  argumentCount: [0, 1],
  async run(invocation) {
    const { positionals, flags, output, environment } = invocation;
    const name = positionals[0] === undefined ? undefined : checkedPortalName(positionals[0]);
    if (flags.has('watch')) return (await import('../watch-status.ts')).watchStatus(invocation, name);
    return withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      const nowMs = Date.parse(greeting.now);
      if (name === undefined) {
        const status = await connection.call('daemon.status', {});
        if (output.json) output.value(status);
        else for (const pieces of daemonLines(status, nowMs)) output.line(...pieces);
      } else {
        const answer = await connection.call('portal.status', { name });
        if (output.json) output.value(answer);
        else for (const pieces of portalLines(answer.portal, nowMs, answer.edited)) output.line(...pieces);
      }
      return exitCodes.done;
    });
  },
};
