// The words of --help.
import type { Command, Commands } from './command.ts';
import type { Output } from './output.ts';

/** Prints a help, or with --json one document that holds it. */
export function tellHelp(output: Output, help: string): void {
  if (output.json) output.value({ help });
  else output.text(help);
}

/** What the general help tells together; what stands in no group comes last. */
const groups: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['specifications', ['init', 'validate']],
  ['portals', ['open', 'close', 'reload', 'list', 'status', 'why', 'events']],
  ['their instances', ['ssh', 'info', 'channel']],
  ['the account', ['volume', 'image', 'price', 'orphans']],
];

/** What `portalctl --help` prints. */
export function generalHelp(commands: Commands): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  const grouped = new Set(groups.flatMap(([, names]) => names));
  const others = [...commands.keys()].filter((name) => !grouped.has(name));
  const list = [...groups, ['portald and portalctl', others] as const].flatMap(([title, names]) => [
    `${title}:`,
    ...names.flatMap((name) => {
      const entry = commands.get(name);
      return entry === undefined ? [] : [`  ${name.padEnd(width)}  ${entry.summary}`];
    }),
    '',
  ]);
  return `usage: portalctl COMMAND [NAME] [OPTION]…

Keeps spot-priced EC2 machines ("portals") alive as if they were not
spot-priced. portald, the daemon, does it; portalctl tells it what to do.

${list.join('\n')}
options:
  -h, --help  show this help, or with a command that command's
  --version   show the version
  --json      one JSON document on stdout instead of words

exit codes:
  0    done
  1    failed
  2    wrong use, or an invalid specification
  3    no daemon
  4    no such portal
  130  Ctrl-C ended the waiting

environment:
  PORTALD_SOCKET  the daemon's socket; by default
                  $XDG_RUNTIME_DIR/portald/portald.sock, else portald.sock in
                  the state folder (see portald --help)
  AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID
                  compared with the daemon's, which count
  NO_COLOR        no colours, also on a terminal
`;
}

/** What `portalctl COMMAND --help` prints. */
export function commandHelp({ usage, help }: Command): string {
  return `usage: portalctl ${usage}\n\n${help}`;
}
