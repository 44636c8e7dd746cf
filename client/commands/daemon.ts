// portalctl daemon: portald itself, as a service or in the background, by verbs.
import { nearestName } from '../../protocol/nearest-name.ts';
import { usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { logLevels } from '../log-text.ts';
import { findManager } from '../service/find-manager.ts';
import { install } from '../service/install.ts';
import { logs } from '../service/logs.ts';
import { restart } from '../service/restart.ts';
import { isOfSameSocket } from '../service/same-socket.ts';
import { scopeOf } from '../service/scope.ts';
import { start } from '../service/start.ts';
import { status } from '../service/status.ts';
import { stop } from '../service/stop.ts';
import { uninstall } from '../service/uninstall.ts';
import type { Verb } from '../service/verb.ts';

const help = `Makes portald a service of systemd (Linux) or launchd (macOS), starts and ends
it. Portals stay open in AWS, and billed, whatever is done with portald here; it
takes them up again when it is started.

  install    a service of yours: started when you log in, again when it fails.
             Takes over from this environment, not from later ones: AWS_PROFILE,
             AWS_REGION and other AWS settings, proxies, PATH and the places of
             portald; an earlier one's stay, unless they are set to nothing.
             Never a secret: with keys in the environment it is refused
    --linger   also: runs while you are not logged in (loginctl enable-linger)
  uninstall  stops it and removes what install wrote; records and logs stay
  start      starts the service; where it is none, portald in the background,
             with the environment of this shell
  stop       ends it in order, however it was started
  restart    both, as after an upgrade
  status     whether it runs, since when, who manages it, which version
  logs       the same as portalctl logs: --follow, --lines, --level

options:
      --system USER  a service of the machine for USER, started at boot, for
                     machines where nobody logs in; as root. Its socket is
                     /run/portald-USER/portald.sock, its records are in
                     /var/lib/portald-USER (on macOS the socket, too)
  -f, --follow       logs: go on with what is logged, until Ctrl-C
      --lines N      logs: so many of the latest, by default 50
      --level LEVEL  logs: only this level and those above it
      --json         print {"done": [sentences], "remarks", "warnings", "undo",
                     "daemon": {"isRunning", "managedBy": "systemd", "launchd"
                     or "nobody", "service": {"name", "file", "isEnabled"},
                     "pid", "startedAt", "version", "socket", "stateFolder",
                     "logFile", "portals": [names of those not closed]}}; status
                     that "daemon", with "clientVersion"; logs the log's lines;
                     or {"error": {"kind", "message", …}}
  -h, --help         show this help

exit codes:
  0  done, also if there was nothing to do
  1  failed, or refused
  2  wrong use
  3  status: portald does not run

example:
  AWS_PROFILE=research portalctl daemon install --linger
`;

const verbs: ReadonlyMap<string, Verb> = new Map([
  ['install', install],
  ['uninstall', uninstall],
  ['start', start],
  ['stop', stop],
  ['restart', restart],
  ['status', status],
  ['logs', logs],
]);

const names = [...verbs.keys()].join('|');
const usage = `daemon ${names}`;

export const command: Command = {
  usage,
  help,
  flags: ['linger', 'follow'],
  values: ['system', 'lines', 'level'],
  letters: { f: 'follow' },
  choices: { level: Object.keys(logLevels) },
  argumentCount: [1, 1],
  missing: `what to do (${names})`,
  async run(invocation) {
    const [name = ''] = invocation.positionals;
    const verb = verbs.get(name);
    const hint = `usage: portalctl ${usage}`;
    if (verb === undefined) {
      const nearest = nearestName(name, [...verbs.keys()]);
      const advice = nearest === undefined ? '' : `; did you mean ${nearest}?`;
      throw usageError(`"${name}" is nothing to do with portald${advice}`, hint);
    }
    for (const option of [...invocation.flags, ...invocation.values.keys()])
      if (option !== 'json' && !verb.options.includes(option))
        throw usageError(`--${option} does not go with daemon ${name}`, hint);
    const scope = await scopeOf(invocation, verb.changes);
    const found = await findManager(scope);
    const isMeant = found === undefined || !verb.isAboutSocket || (await isOfSameSocket(scope, found));
    return verb.run({ invocation, scope, manager: isMeant ? found : undefined });
  },
};
