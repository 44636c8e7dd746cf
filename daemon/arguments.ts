// portald's command line: it takes nothing but requests for help; everything else is environment and configuration.
import { visibleText } from '../protocol/visible-text.ts';

const help = `usage: portald [--check]

Keeps spot-priced EC2 machines ("portals") alive as if they were not
spot-priced. Runs in the foreground and logs JSON, one object a line, on stdout,
and to portald.log in the state folder, which portalctl logs shows. portalctl
tells it what to do.

options:
  -h, --help  show this help
  --version   show the version
  --check     read the configuration, tell every mistake in it, and end

environment:
  PORTALD_STATE_DIR  the state folder, which holds the records of the portals
                     and the log; by default $XDG_STATE_HOME/portald,
                     else ~/.local/state/portald
  PORTALD_SOCKET     the socket; by default
                     $XDG_RUNTIME_DIR/portald/portald.sock, else portald.sock
                     in the state folder
  PORTALD_CONFIG     the configuration; by default
                     $XDG_CONFIG_HOME/portald/config.yaml,
                     else ~/.config/portald/config.yaml, if it is there
  AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL_EC2, …
                     as for every AWS SDK
  HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE
                     the HTTP proxy that calls to AWS go through, the hosts
                     that they do not, and a file of the certificates to trust;
                     as for aws. SSH goes through none

configuration (YAML; every field is optional):
  region             AWS Region; else that of the environment
  profile            AWS profile; else that of the environment
  log_level          debug, info (default), warn or error
  metadata_interval  seconds between two looks at an instance's metadata,
                     0.2 to 5; default 1; with more than ten instances
                     0.1 s for each, at most 5
  install_rsync      true: install rsync on an instance that has none, by its
                     package manager; default false
  early_replacement  minutes for which a replacement stands by that a rebalance
                     recommendation made portald launch; default 0: none is
                     launched before an interruption notice

signals:
  SIGTERM, SIGINT    end in order; portals stay open in AWS and are taken up
                     again at the next start; so does the end of the terminal
                     that it runs in
  SIGHUP             elsewhere: read the configuration anew; Region and profile
                     need a restart

exit codes:
  0  ended in order
  1  could not start, or failed
  2  wrong use, or a configuration with a mistake
`;

/** What was asked for: to run, or a text for stdout, or a refusal for stderr with exit code 2. */
export type Arguments =
  | { readonly run: true }
  | { readonly check: true }
  | { readonly print: string }
  | { readonly refuse: string };

export function readArguments(words: readonly string[], version: string): Arguments {
  const known = ['--help', '-h', '--version', '--check'];
  const wrong = words.find((word) => !known.includes(word));
  if (wrong !== undefined) {
    const what = wrong.startsWith('-') ? 'unknown option' : 'unexpected argument';
    return { refuse: `portald: ${what} "${visibleText(wrong)}"\nhint: see portald --help\n` };
  }
  const [first] = words;
  if (first === undefined) return { run: true };
  if (first === '--check') return { check: true };
  return { print: first === '--version' ? `portald ${version}\n` : help };
}
