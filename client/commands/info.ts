// portalctl info: one thing about a portal, as a script wants it; or all of them.
import type { PortalView, VolumeView } from '../../protocol/portal-view.ts';
import { usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { notReachable } from '../not-reachable.ts';
import { checkedPortalName } from '../portal-name.ts';
import { sshConfigLines } from '../ssh-line.ts';
import { tableLines } from '../table.ts';

const help = `Tells what scripts want to know of a portal and its instance.

  name         status       id (of the instance)   type        user
  host         ip           remote (USER@HOST)     port
  key (path of the identity file)
  known_hosts (path of a file with the host key that portald has verified)
  volumes (their ids)

Without a field, each volume has a line of its own, with name, size and place.

options:
  -f, --field FIELD  only this one, without its name
      --ssh-config   a block for OpenSSH's configuration instead, which ssh,
                     scp, rsync and editors understand
      --json         print {"info": {"name", "status", …, "volumes": [{"id",
                     "mountPoint", "state", "name", "sizeGiB"}]}} without what
                     has no value now, or {"ssh_config": TEXT};
                     or {"error": {"kind", "message", …}}
  -h, --help         show this help

exit codes:
  0  done
  1  failed; or the field has no value now, as without an instance
  2  wrong use
  3  no daemon
  4  no such portal

example:
  scp -i "$(portalctl info gpu -f key)" "$(portalctl info gpu -f remote):out" .
  portalctl info gpu --ssh-config > gpu.ssh; scp -F gpu.ssh gpu:out .
`;

const fields = {
  name: ({ name }) => name,
  status: ({ state }) => state,
  id: ({ instance }) => instance?.id,
  type: ({ instance }) => instance?.type,
  user: ({ user }) => user,
  host: ({ instance }) => instance?.address,
  ip: ({ instance }) => instance?.address,
  remote: ({ user, instance }) => instance?.address && `${user}@${instance.address}`,
  port: ({ ssh }) => ssh.port,
  key: ({ ssh }) => ssh.identityFile,
  known_hosts: ({ ssh }) => ssh.knownHostsFile,
  volumes: ({ volumes }) => (volumes.length === 0 ? undefined : volumes.map(({ id }) => id).join(' ')),
} as const satisfies Record<string, (view: PortalView) => string | number | undefined>;

function volumeLine({ id, name, sizeGiB, mountPoint, state }: VolumeView): string {
  const what = [name, sizeGiB && `${sizeGiB} GiB`, state].filter((one) => one !== undefined && one !== 0);
  return `${id} (${what.join(', ')}) on ${mountPoint}`;
}

const usage = 'info NAME [-f|--field FIELD | --ssh-config] [--json]';

export const command: Command = {
  usage,
  help,
  flags: ['ssh-config'],
  values: ['field'],
  letters: { f: 'field' },
  choices: { field: Object.keys(fields) },
  argumentCount: [1, 1],
  run(invocation) {
    const { positionals, flags, values, output } = invocation;
    const name = checkedPortalName(positionals[0] ?? '');
    const wanted = values.get('field')?.[0];
    if (wanted !== undefined && flags.has('ssh-config'))
      throw usageError('--field and --ssh-config do not go together', `usage: portalctl ${usage}`);
    return withDaemon(invocation, async (connection) => {
      const { portal } = await connection.call('portal.status', { name });
      if (flags.has('ssh-config')) {
        const lines = sshConfigLines(portal);
        if (lines === undefined) throw notReachable(portal, 'no verified host key');
        if (output.json) output.value({ ssh_config: `${lines.join('\n')}\n` });
        for (const line of lines) output.line(line);
        return exitCodes.done;
      }
      const told = Object.entries(fields).flatMap(([field, of]) => {
        const value = of(portal);
        return value === undefined || (wanted !== undefined && field !== wanted)
          ? []
          : [[field, value] as const];
      });
      if (wanted !== undefined && told.length === 0) throw notReachable(portal, `no ${wanted}`);
      const values = told.map(([field, value]) => [field, field === 'volumes' ? portal.volumes : value]);
      if (output.json) output.value({ info: Object.fromEntries(values) });
      else if (wanted !== undefined) output.line(String(told[0]?.[1] ?? ''));
      else {
        const single = told
          .filter(([field]) => field !== 'volumes')
          .map(([field, value]) => [field, String(value)]);
        const volumes = portal.volumes.map((volume) => ['volume', volumeLine(volume)]);
        for (const line of tableLines([...single, ...volumes])) output.line(line);
      }
      return exitCodes.done;
    });
  },
};
