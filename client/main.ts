// portalctl from its arguments to its exit code.
import { writeSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { PortalError } from '../protocol/errors.ts';
import { nearestName } from '../protocol/nearest-name.ts';
import { checkCount, commandName, hasFlag, parseArguments, usageError } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { commandHelp, generalHelp, tellHelp } from './help-text.ts';
import { createOutput, type Output } from './output.ts';
import { commands } from './registry.ts';

/** Runs portalctl with the arguments after the program's name; resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  endQuietlyWithoutReader();
  const output = createOutput({
    stdout: process.stdout,
    stderr: process.stderr,
    json: hasFlag(argv, '--json'),
    environment: process.env,
  });
  try {
    return await run(argv, output);
  } catch (error) {
    return reportFailure(output, error);
  }
}

/** Options that may stand before the command. */
const generalOptions: ReadonlySet<string> = new Set(['--json', '--help', '-h', '--version']);

async function run(argv: readonly string[], output: Output): Promise<number> {
  const name = commandName(argv);
  if (name === undefined) {
    const { flags } = parseArguments(argv, { flags: ['version'] }, 'see portalctl --help');
    if (flags.has('version')) {
      const { packageVersion } = await import('./version.ts');
      if (output.json) output.value({ version: packageVersion() });
      else output.text(`portalctl ${packageVersion()}\n`);
    } else if (flags.has('help')) {
      tellHelp(output, generalHelp(commands));
    } else {
      if (output.json) throw usageError('no command is given', 'see portalctl --help');
      output.complainText(generalHelp(commands));
      return exitCodes.wrongUse;
    }
    return exitCodes.done;
  }
  const entry = commands.get(name);
  if (entry === undefined) {
    const before = argv.slice(0, argv.indexOf(name)).find((word) => !generalOptions.has(word));
    // What follows it is no command then, but its value.
    if (before !== undefined)
      throw usageError(
        `unknown option "${before}"`,
        'options come after the command: portalctl COMMAND OPTION…',
      );
    const nearest = nearestName(name, [...commands.keys()]);
    throw new PortalError(
      'usage',
      `unknown command "${name}"${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`,
      { hint: 'portalctl --help lists the commands' },
    );
  }
  const command = await entry.load();
  const given = parseArguments(argv, command, `portalctl ${name} --help lists the options`);
  if (given.flags.has('help')) {
    tellHelp(output, commandHelp(command));
    return exitCodes.done;
  }
  const { takesRest } = command;
  const [, ...words] = [...given.positionals, ...(takesRest === true ? [] : (given.rest ?? []))];
  checkCount(words, command);
  return command.run({
    commands,
    positionals: words,
    flags: given.flags,
    values: given.values,
    rest: takesRest === true ? given.rest : undefined,
    output,
    environment: process.env,
    workingFolder: workingFolder(process.env),
  });
}

/** Where portalctl runs. A folder that was removed is still the one that relative paths mean: there is nothing in it. */
function workingFolder({ PWD = '' }: NodeJS.ProcessEnv): string {
  try {
    return process.cwd();
  } catch {
    return isAbsolute(PWD) ? PWD : '/';
  }
}

/** A reader that has seen enough (`| head`) is no failure. */
function endQuietlyWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(exitCodes.done);
      if (stream === process.stdout)
        writeSync(2, `portalctl: the output cannot be written (${error.code})\n`);
      process.exit(exitCodes.failed);
    });
  }
}
