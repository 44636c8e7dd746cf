// portalctl channel: a portal's channels in full; waits until what was saved has arrived; pauses and resumes.
import type { ChannelView, PortalView } from '../../protocol/portal-view.ts';
import { usageError } from '../arguments.ts';
import { channelLines, transferText } from '../channel-text.ts';
import type { Command } from '../command.ts';
import type { Connection } from '../connection.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { checkedPortalName } from '../portal-name.ts';

const help = `Shows a portal's channels in full: state, last synchronisation, files and bytes,
how long a save takes to arrive, and the problem if there is one.

  sync        return when everything that was saved before has arrived, by every
              channel that is not paused, or by that one
  pause       stop synchronising, also over a move and a restart of portald,
              until the portal is opened the next time; what is saved meanwhile
              goes when it is resumed. Nothing of a paused inbound channel is
              fetched when AWS takes the machine back; what a paused channel
              leaves behind is told
  resume      go on
  INDEX       position of the channel in the specification, from 0; else all

options:
  --json      print {"channels": [{"index", "direction", "localPath",
              "remotePath", "state", "synchronisations", "files", "bytes",
              "last", "arrival": {"saves", "medianMs", "p95Ms"},
              "unwatchedFolders", "isPending", …}]}; or {"error": {"kind",
              "message", …}}
  -h, --help  show this help

exit codes:
  0  done
  1  failed
  2  wrong use
  3  no daemon
  4  no such portal

example:
  portalctl channel gpu sync && portalctl ssh gpu -- python train.py
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
    // In either order.
    const [indexText, ...moreIndices] = rest.filter((word) => /^\d/.test(word));
    const [verbText, ...moreVerbs] = rest.filter((word) => !/^\d/.test(word));
    const verb = verbText === undefined ? undefined : verbOf(verbText);
    const index = indexText === undefined ? undefined : indexOf(indexText);
    const [unexpected] = [...moreIndices, ...moreVerbs];
    if (unexpected !== undefined) throw usageError(`unexpected argument "${unexpected}"`, hint);
    return withDaemon(invocation, async (connection, greeting) => {
      const parameters = { name, ...(index !== undefined && { index }) };
      const ask = async (): Promise<{ portal: PortalView }> =>
        verb === undefined
          ? connection.call('portal.status', { name })
          : connection.call(methods[verb], parameters);
      const { portal } = await (verb === 'sync' ? showingTransfers(connection, output, name, ask) : ask());
      const channels = portal.channels.filter((one) => index === undefined || one.index === index);
      if (index !== undefined && channels.length === 0) {
        throw usageError(
          `${name} has no channel ${index}`,
          `portalctl channel ${name} shows those there are`,
        );
      }
      if (output.json) output.value({ channels });
      else if (verb === 'sync') output.line(arrivalLine(channels));
      else if (channels.length === 0) output.line(`${name} has no channels`);
      else
        for (const one of channels)
          for (const line of channelLines(one, Date.parse(greeting.now))) output.line(...line);
      return exitCodes.done;
    });
  },
};

/** What sync may say: nothing of a paused channel was waited for. */
function arrivalLine(channels: readonly ChannelView[]): string {
  const paused = channels.filter(({ state }) => state === 'paused').map(({ index }) => index);
  if (paused.length === 0) return 'everything that was saved has arrived';
  const named =
    paused.length === 1 ? `channel ${paused[0]}, which is` : `channels ${paused.join(', ')}, which are`;
  const isNothing = paused.length === channels.length;
  return `${isNothing ? 'nothing was waited for:' : 'what was saved has arrived, except by'} ${named} paused`;
}

/** While it is waited for, a terminal shows in its last line what is moved; what is in the way is told once. */
async function showingTransfers<Answer>(
  connection: Connection,
  output: Output,
  name: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const told = new Map<number, string>();
  const show = ({ channels }: PortalView): void => {
    const moving = channels.flatMap(({ index, transfer }) => (transfer ? [{ index, transfer }] : []));
    const texts = moving.map(({ index, transfer }) => `channel ${index} ${transferText(transfer)}`);
    for (const { index, error } of channels) {
      if (error === undefined || told.get(index) === error) continue;
      told.set(index, error);
      output.complain({ text: 'still waiting: ', style: 'yellow' }, `channel ${index}: ${error}`);
    }
    output.status(texts.length === 0 ? undefined : texts.join('  '));
  };
  const snapshot = await connection.subscribe((event) => {
    if (event.type === 'portal' && event.portal.name === name) show(event.portal);
  });
  const portal = snapshot.portals.find((one) => one.name === name);
  if (portal !== undefined) show(portal);
  try {
    return await ask();
  } finally {
    output.status(undefined);
  }
}

function verbOf(text: string): keyof typeof methods {
  if (text === 'sync' || text === 'pause' || text === 'resume') return text;
  throw usageError(`"${text}" is nothing that a channel does`, hint);
}

function indexOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw usageError(`"${text}" is no position of a channel`, hint);
}
