// portalctl help: the general help, or that of one command.
import { nearestName } from '../../protocol/nearest-name.ts';
import { usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { commandHelp, generalHelp, tellHelp } from '../help-text.ts';

const help = `Shows the general help, or that of one command.

options:
  --json      print {"help": TEXT}
  -h, --help  show this help

exit codes:
  0  done
  2  wrong use

example:
  portalctl help open
`;

export const command: Command = {
  usage: 'help [COMMAND]',
  help,
  flags: [],
  argumentCount: [0, 1],
  async run({ positionals: [name], output, commands }) {
    const entry = name === undefined ? undefined : commands.get(name);
    if (name !== undefined && entry === undefined) {
      const nearest = nearestName(name, [...commands.keys()]);
      const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      throw usageError(`unknown command "${name}"${advice}`, 'portalctl --help lists the commands');
    }
    tellHelp(output, entry === undefined ? generalHelp(commands) : commandHelp(await entry.load()));
    return exitCodes.done;
  },
};
