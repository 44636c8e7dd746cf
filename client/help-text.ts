// The words of --help.
import type { Command, Commands } from './command.ts';
import type { Output } from './output.ts';

/** Prints a help, or with --json one document that holds it. */
export function tellHelp(output: Output, help: string): void {
  if (output.json) output.value({ help });
  else output.text(help);
}

/** What `portalctl --help` prints. */
export function generalHelp(commands: Commands): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  const list = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `usage: portalctl COMMAND [NAME] [OPTION]…

Keeps spot-priced EC2 machines alive as if they were not spot-priced; asks portald, the daemon, to do it.

commands:
${list.join('\n')}

options:
  -h, --help  show this help, or with a command that command's
  --version   show the version
  --json      with any command: one JSON document on stdout instead of words

exit codes:
  0  done
  1  failed
  2  wrong use, or an invalid specification; also portalctl without a command
  3  no daemon
  4  no such portal
  130  Ctrl-C ended the waiting

environment:
  PORTALD_SOCKET  socket of the daemon; else $XDG_RUNTIME_DIR/portald/portald.sock, else in the state folder
  NO_COLOR        no colours, also on a terminal
`;
}

/** What `portalctl COMMAND --help` prints. */
export function commandHelp({ usage, help }: Command): string {
  return `usage: portalctl ${usage}\n\n${help}`;
}
