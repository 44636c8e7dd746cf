// portalctl ssh: OpenSSH to a portal's instance, with its identity and its verified host key and no other.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { PortalError } from '../../protocol/errors.ts';
import type { PortalView } from '../../protocol/portal-view.ts';
import { usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { relativeText } from '../duration.ts';
import { exitCodes } from '../exit-codes.ts';
import { notReachable } from '../not-reachable.ts';
import type { Output } from '../output.ts';
import { checkedPortalName } from '../portal-name.ts';
import { pinnedSshOptions, shellWord } from '../ssh-line.ts';

const help = `Logs in to a portal's instance by this machine's ssh, with the portal's identity
file; no other host key is taken than the one that portald has verified. With
COMMAND it runs that instead, as ssh does: the words are joined by blanks, and a
shell there reads them. Input and output are passed on, so it works in pipes.
Your own ssh configuration counts for everything else.

options:
  -t, --tmux  attach to the tmux session SESSION on the instance, by default
              portald (or portal, if only that is there), or make it; COMMAND
              runs in a new one. It goes on there when you are cut off, until
              the instance is gone
      --json  print {"error": {"kind", "message", …}} if it cannot be begun
  -h, --help  show this help

exit codes:
  as COMMAND's, or 255 when ssh fails; before that
  1    failed, or the portal cannot be logged in to
  2    wrong use
  3    no daemon
  4    no such portal
  127  with -t, the instance has no tmux

example:
  tar c data | portalctl ssh gpu -- tar x -C /home/ubuntu/workspace
`;

const usage = 'ssh NAME [-t [SESSION]] [--json] [-- COMMAND…]';

export const command: Command = {
  usage,
  help,
  flags: ['tmux'],
  letters: { t: 'tmux' },
  argumentCount: [1, Number.POSITIVE_INFINITY],
  takesRest: true,
  async run(invocation) {
    const { positionals, flags, rest = [], output } = invocation;
    const [first = '', ...more] = positionals;
    const name = checkedPortalName(first);
    const given = flags.has('tmux') ? more.shift() : undefined;
    const session = flags.has('tmux') ? sessionOf(given) : undefined;
    if (more[0] !== undefined)
      throw usageError(`unexpected argument "${more[0]}"`, `put a command after --: portalctl ${usage}`);
    if (session !== undefined && !(isatty(0) && isatty(1)))
      throw usageError('tmux needs a terminal, and there is none here', 'leave out -t');
    // Once it is known how, portald is not needed any more.
    const { view, nowMs } = await withDaemon(invocation, async (connection, greeting) => {
      const { portal } = await connection.call('portal.status', { name });
      return { view: portal, nowMs: Date.parse(greeting.now) };
    });
    const options = ['open', 'opening', 'recovering'].includes(view.state)
      ? pinnedSshOptions(view)
      : undefined;
    if (options === undefined) throw notReachable(view, 'no verified host key');
    tellState(view, nowMs, output);
    const remote =
      session === undefined
        ? rest
        : [tmuxCommand(session, rest, { name, isUsual: given === undefined && rest.length === 0 })];
    const destination = view.instance?.address ?? '';
    return runSsh([
      ...options,
      ...(session === undefined ? [] : ['-t']),
      // Nothing that follows is an option, whatever it begins with.
      '--',
      destination,
      ...remote,
    ]);
  },
};

function sessionOf(text = 'portald'): string {
  if (/^\w[\w-]{0,63}$/.test(text)) return text;
  throw usageError(`"${text}" cannot be a session's name`, 'letters, digits, underscores and dashes');
}

/** Whoever logs in where it is not settled yet should know. */
function tellState({ name, state, step, interruption }: PortalView, nowMs: number, output: Output): void {
  if (state === 'open' || output.json) return;
  const note = { text: 'warning: ', style: 'yellow' } as const;
  if (state === 'opening') output.complain(note, `${name} is still opening: ${step.what}`);
  else {
    const end = interruption && `; AWS takes this one back ${relativeText(interruption.deadline, nowMs)}`;
    output.complain(note, `${name} is moving to another instance${end ?? `: ${step.what}`}`);
  }
}

/**
 * For whatever shell the user has there. `isUsual`: nobody named the session; one of the name that Portal Gun gave is taken up,
 * if there is one and none of ours.
 */
function tmuxCommand(
  session: string,
  words: readonly string[],
  { name, isUsual }: { name: string; isUsual: boolean },
): string {
  const missing = `portalctl: the instance of ${name} has no tmux
hint: install it there, with its package manager: sudo apt-get install tmux, or sudo dnf install tmux`;
  const shellCommand = words.length === 0 ? '' : ` ${shellWord(words.join(' '))}`;
  const takeUp = `has() { tmux has-session -t "=$1" >/dev/null 2>&1; }
has ${session} || ! has portal || exec tmux attach-session -t =portal
`;
  const script = `command -v tmux >/dev/null 2>&1 || { echo ${shellWord(missing)} >&2; exit 127; }
${isUsual ? takeUp : ''}exec tmux new-session -A -s ${session}${shellCommand}`;
  return `exec sh -c ${shellWord(script)}`;
}

/** Resolves to ssh's exit code; signals go on to it. Throws PortalError `ssh` if there is no ssh. */
function runSsh(words: readonly string[]): Promise<number> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  // Before ssh runs: a signal in between would end portalctl alone, and leave ssh running.
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  const child = spawn('ssh', words, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      reject(
        new PortalError(
          'ssh',
          missing ? 'there is no ssh on this machine' : `ssh cannot be run: ${error.message}`,
          {
            ...(missing && { hint: "install OpenSSH's client: sudo apt-get install openssh-client" }),
          },
        ),
      );
    });
    child.once('close', (code, signal) => {
      resolve(code ?? (signal === null ? exitCodes.failed : 128 + constants.signals[signal]));
    });
  });
}
