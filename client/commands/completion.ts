// portalctl completion: the script by which a shell completes portalctl's command line.
import { nearestName } from '../../protocol/nearest-name.ts';
import { usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { engine } from '../completion/engine.ts';
import { readGrammars } from '../completion/grammar.ts';
import { completionScript, shells } from '../completion/shells.ts';
import { exitCodes } from '../exit-codes.ts';

const help = `Prints a script by which your shell completes commands, options, and the names
of portals, which it asks portald for; without it, of the specifications in the
folder. To have it in every shell:

  bash  in ~/.bashrc: eval "$(portalctl completion bash)"
  zsh   in ~/.zshrc, after compinit: eval "$(portalctl completion zsh)"
  fish  in ~/.config/fish/config.fish: portalctl completion fish | source

options:
  --json      print {"script": TEXT}
  -h, --help  show this help

exit codes:
  0  done
  2  wrong use

example:
  eval "$(portalctl completion bash)"
`;

const usage = 'completion bash|zsh|fish [--json]';

export const command: Command = {
  usage,
  help,
  flags: [],
  argumentCount: [1, 1],
  missing: 'the shell',
  async run({ positionals: [given = ''], commands, output }) {
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
