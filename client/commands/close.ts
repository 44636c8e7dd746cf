// portalctl close: closes a portal and waits until EC2 shows nothing of it left.
import { PortalError } from '../../protocol/errors.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import { accountWarner } from '../account-warning.ts';
import { usageError } from '../arguments.ts';
import { canAnswer, confirmed } from '../ask.ts';
import type { Command, Invocation } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { checkedPortalName } from '../portal-name.ts';
import { forSeveral } from '../several.ts';
import { pathNamed } from '../specification-file.ts';
import { problemOf, pursueWish } from '../wish.ts';

const help = `Closes a portal, and waits until EC2 shows nothing of it left: the channels make
a last synchronisation, the volumes are unmounted and detached, the instance and
its fleet are ended. The volumes and their data stay. Several are closed at the
same time; the highest exit code counts.

NAME is a portal's name, or the path of its specification; a portal that was
opened from another file is left alone then.

options:
  --all       every portal that is not closed; on a terminal it asks first
  --yes       with --all: do not ask (portals that are named are closed unasked)
  --no-wait   return once the daemon has accepted the wish
  --json      print {"portal": {"name", "state", "step", "volumes", …}},
              or {"error": {"kind", "message", …}}; of several, or with --all,
              {"portals": [{"name" and what it would have printed alone}]}
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
  portalctl close gpu cpu
`;

const usage = 'close NAME… | --all [--yes] [--no-wait] [--json]';
const hint = `usage: portalctl ${usage}`;

export const command: Command = {
  usage,
  help,
  flags: ['no-wait', 'all', 'yes'],
  argumentCount: [0, Number.POSITIVE_INFINITY],
  async run(invocation) {
    const { positionals, flags, output, environment } = invocation;
    const warn = accountWarner(output, environment);
    const close = (argument: string, own: Output): Promise<number> =>
      closeOne({ ...invocation, output: own }, argument, warn);
    if (flags.has('all')) return closeAll(invocation, close);
    // Taken with names, too: a script that says it once too often must not leave a machine billed.
    const [first, ...more] = positionals;
    if (first === undefined) throw usageError('the name of a portal is missing', hint);
    return more.length === 0 ? close(first, output) : forSeveral(positionals, output, close);
  },
};

async function closeAll(
  invocation: Invocation,
  close: (argument: string, own: Output) => Promise<number>,
): Promise<number> {
  const { positionals, flags, output } = invocation;
  if (positionals.length > 0) throw usageError('--all and the name of a portal do not go together', hint);
  if (!flags.has('yes') && !canAnswer(output))
    throw usageError('nobody can be asked here: say --yes to close all without a question', hint);
  const { portals } = await withDaemon(invocation, (connection) => connection.call('portal.list', {}));
  const names = portals.filter(({ state }) => state !== 'closed').map(({ name }) => name);
  if (names.length === 0) {
    if (output.json) output.value({ portals: [] });
    else output.line('every portal is closed');
    return exitCodes.done;
  }
  if (!flags.has('yes')) await confirmed(`Close ${names.join(', ')}?`, 'nothing was closed');
  return forSeveral(names, output, close);
}

function closeOne(
  invocation: Invocation,
  argument: string,
  warn: ReturnType<typeof accountWarner>,
): Promise<number> {
  const { flags, output, workingFolder } = invocation;
  const name = checkedPortalName(argument);
  return withDaemon(invocation, async (connection, greeting) => {
    const path = await pathNamed(argument, workingFolder);
    warn(greeting.aws);
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
}

function verdict(view: PortalView): 'fulfilled' | PortalError | undefined {
  if (view.state === 'closed') return 'fulfilled';
  if (view.state !== 'failed') return undefined;
  return problemOf(view, new PortalError('configuration', `${view.name} failed: ${view.step.reason}`));
}

function tellVolumes({ volumes }: PortalView, print: (line: string) => void): void {
  const idsOf = (isMissing: boolean): string =>
    volumes
      .filter(({ state }) => (state === 'missing') === isMissing)
      .map(({ id }) => id)
      .join(', ');
  if (idsOf(false) !== '') print(`kept with their data, and paid for as ever: ${idsOf(false)}`);
  if (idsOf(true) !== '')
    print(`not shown by EC2 any more (see portalctl volume list --all): ${idsOf(true)}`);
}
