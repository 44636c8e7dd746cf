// portalctl channel: a portal's channels in full; waits until what was saved has arrived; pauses and resumes.
import { usageError } from '../arguments.ts';
import { channelLines } from '../channel-text.ts';
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkedPortalName } from '../portal-name.ts';

const help = `Shows a portal's channels in full: state, last synchronisation, files and bytes,
how long a save takes to arrive, and the problem if there is one.

  sync        return when everything that was saved before has arrived, by every
              channel that is not paused, or by that one
  pause       stop synchronising, also over a move and a restart of portald;
              what is saved meanwhile goes when it is resumed. Nothing of a
              paused inbound channel is fetched when AWS takes the machine back
  resume      go on
  INDEX       position of the channel in the specification, from 0; else all

options:
  --json      print {"channels": [{"index", "direction", "localPath",
              "remotePath", "state", "synchronisations", "files", "bytes",
              "last", "arrival": {"saves", "medianMs", "p95Ms"}, "isPending",
              …}]}; or {"error": {"kind", "message", …}}
  -h, --help  show this help

exit codes:
  0  done
  1  failed
  2  wrong use
  3  no daemon
  4  no such portal

example:
  portalctl channel gpu sync && ssh … python train.py
`;

const usage = 'channel NAME [sync | pause | resume] [INDEX] [--json]';
const hint = `usage: portalctl ${usage}`;

const methods = { sync: 'channel.synchronise', pause: 'channel.pause', resume: 'channel.resume' } as const;

export const command: Command = {
  usage,
  help,
  flags: [],
  argumentCount: [1, 3],
  run(invocation) {
    const { output } = invocation;
    const [first = '', ...rest] = invocation.positionals;
    const name = checkedPortalName(first);
    const verb = rest[0] !== undefined && !/^\d/.test(rest[0]) ? verbOf(rest.shift() ?? '') : undefined;
    const index = rest[0] === undefined ? undefined : indexOf(rest[0]);
    if (rest.length > 1) throw usageError(`unexpected argument "${rest[1]}"`, hint);
    return withDaemon(invocation, async (connection, greeting) => {
      const parameters = { name, ...(index !== undefined && { index }) };
      const { portal } =
        verb === undefined
          ? await connection.call('portal.status', { name })
          : await connection.call(methods[verb], parameters);
      const channels = portal.channels.filter((one) => index === undefined || one.index === index);
      if (output.json) output.value({ channels });
      else if (verb === 'sync') output.line('everything that was saved has arrived');
      else if (channels.length === 0)
        output.line(index === undefined ? `${name} has no channels` : `${name} has no channel ${index}`);
      else
        for (const one of channels)
          for (const line of channelLines(one, Date.parse(greeting.now))) output.line(...line);
      return exitCodes.done;
    });
  },
};

function verbOf(text: string): keyof typeof methods {
  if (text === 'sync' || text === 'pause' || text === 'resume') return text;
  throw usageError(`"${text}" is nothing that a channel does`, hint);
}

function indexOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw usageError(`"${text}" is no position of a channel`, hint);
}
