// portalctl completion: the script by which a shell completes portalctl's command line.
import { nearestName } from '../../protocol/nearest-name.ts';
import { usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { engine } from '../completion/engine.ts';
import { readGrammars } from '../completion/grammar.ts';
import { listed, listedKinds } from '../completion/listed.ts';
import { completionScript, shells } from '../completion/shells.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';

const help = `Prints a script by which your shell completes commands, options, specifications
and their paths, and the portals, volumes, snapshots, orphans and zones, which
it asks portald for. To have it in every shell:

  bash  in ~/.bashrc: eval "$(portalctl completion bash)"
  zsh   in ~/.zshrc, after compinit: eval "$(portalctl completion zsh)"
  fish  in ~/.config/fish/config.fish: portalctl completion fish | source

options:
  --list KIND  print the names that the script asks for, one a line: portals,
               volumes, snapshots, orphans or zones; needs portald
  --json       print {"script": TEXT}, or {"names": [TEXT]}
  -h, --help   show this help

exit codes:
  0  done
  1  AWS could not be asked
  2  wrong use
  3  no daemon, with --list

example:
  eval "$(portalctl completion bash)"
`;

const usage = 'completion bash|zsh|fish [--list KIND] [--json]';

export const command: Command = {
  usage,
  help,
  flags: [],
  values: ['list'],
  choices: { list: listedKinds },
  argumentCount: [0, 1],
  async run(invocation) {
    const { positionals, values, commands, output } = invocation;
    const kind = listedKinds.find((one) => one === values.get('list')?.[0]);
    const [given] = positionals;
    if (kind !== undefined && given === undefined) {
      const names = await withDaemon(invocation, (connection) => listed(kind, connection));
      if (output.json) output.value({ names });
      else for (const name of names) output.line(name);
      return exitCodes.done;
    }
    if (given === undefined) throw usageError('the shell is missing', `usage: portalctl ${usage}`);
    const shell = shells.find((one) => one === given);
    if (shell === undefined) {
      const nearest = nearestName(given, shells);
      const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      throw usageError(`there is no completion for "${given}"${advice}`, `usage: portalctl ${usage}`);
    }
    const script = completionScript(shell, engine(await readGrammars(commands)));
    if (output.json) output.value({ script });
    else output.text(script);
    return exitCodes.done;
  },
};
