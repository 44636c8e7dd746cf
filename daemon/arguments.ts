// portald's command line: it takes nothing but requests for help; everything else is environment and configuration.
import { parseArgs } from 'node:util';

const help = `Usage: portald

Supervises portals: keeps spot-priced EC2 machines alive as if they were not spot-priced. Runs in the foreground and
logs JSON, one object a line, on stdout. portalctl talks to it.

Options:
  --help       show this text
  --version    show the version

Environment:
  PORTALD_SOCKET      Unix socket; else $XDG_RUNTIME_DIR/portald/portald.sock, else portald.sock in the state folder
  PORTALD_STATE_DIR   records of the portals; else $XDG_STATE_HOME/portald, else ~/.local/state/portald
  PORTALD_CONFIG      configuration (region, profile, log_level, metadata_interval, early_replacement),
                      YAML, optional; else
                      $XDG_CONFIG_HOME/portald/config.yaml, else ~/.config/portald/config.yaml
  AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL_EC2, …   as for every AWS SDK

Signals:
  SIGTERM, SIGINT     end in order; portals stay open in AWS and are taken up again at the next start

Exit codes:
  0  ended in order      1  could not start or failed      2  wrong use
`;

/** What was asked for: to run, or a text for stdout, or a refusal for stderr with exit code 2. */
export type Arguments = { readonly run: true } | { readonly print: string } | { readonly refuse: string };

export function readArguments(words: readonly string[], version: string): Arguments {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
      allowPositionals: false,
    });
    if (values.help === true) return { print: help };
    if (values.version === true) return { print: `portald ${version}\n` };
    return { run: true };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    return { refuse: `portald: ${reason}\nportald takes no arguments; see portald --help\n` };
  }
}
