// portalctl init: writes a specification to begin with; never over another one.
import { readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import { specificationAsYaml } from '../../protocol/specification/as-yaml.ts';
import { draftAsJson, draftAsYaml } from '../../protocol/specification/draft.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import { usageError } from '../arguments.ts';
import { canAnswer } from '../ask.ts';
import type { Command, Invocation } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { askSpecification } from '../guided-specification.ts';
import { wrongKeyFile } from '../local-check.ts';
import { checkedPortalName, specificationExtensions } from '../portal-name.ts';
import { startQuestions } from '../questions.ts';

const help = `Writes NAME.yaml, the draft of a specification: every field of the original
document, each with a placeholder and a comment; the README has the further
ones. A field that is optional can be left out. What is still a placeholder is
refused by open and validate. It never overwrites.

With --guided it asks instead, offering what the account has (zones with their
spot prices, Deep Learning images, key pairs, security groups, subnets, free
volumes), and writes a specification that can be opened; needs portald.

options:
  --guided    ask on the terminal
  --json      write NAME.json, the draft in JSON, and print {"file"}; or
              {"error": {"kind", "message", …}}
  -h, --help  show this help

exit codes:
  0  written
  1  failed: there is such a file already, or it cannot be written
  2  wrong use
  3  no daemon, with --guided

example:
  portalctl init gpu --guided
`;

export const command: Command = {
  usage: 'init NAME [--guided] [--json]',
  help,
  flags: ['guided'],
  names: 'new',
  argumentCount: [1, 1],
  async run(invocation) {
    const { positionals, flags, output, workingFolder } = invocation;
    const [argument = ''] = positionals;
    const name = checkedPortalName(argument);
    const isGuided = flags.has('guided');
    if (isGuided && (output.json || !canAnswer(output)))
      throw usageError('nobody can be asked here', 'without --guided a draft is written');
    const given = extname(argument);
    const extension = specificationExtensions.find((one) => one === given);
    if (output.json && extension !== undefined && extension !== '.json')
      throw usageError(`--json writes ${name}.json, not ${basename(argument)}`, 'leave one of the two out');
    const isJson = output.json || extension === '.json';
    const folder = resolve(workingFolder, dirname(argument));
    const file = join(folder, `${name}${extension ?? (isJson ? '.json' : '.yaml')}`);
    const shown = join(dirname(argument), basename(file));
    await refuseOther(folder, name);

    if (isGuided) {
      const specification = await withQuestions(invocation, folder);
      const text = isJson
        ? `${JSON.stringify(specification, undefined, 2)}\n`
        : specificationAsYaml(specification);
      await write(file, shown, text);
      output.line(`wrote ${shown}; next: portalctl validate ${argument} --aws, portalctl open ${argument}`);
      return exitCodes.done;
    }
    const head = `# The portal ${name}. Put your own values in; leave out what is optional and not wanted.\n`;
    await write(file, shown, isJson ? draftAsJson() : `${head}${draftAsYaml()}`);
    if (output.json) output.value({ file });
    else
      output.line(
        `wrote ${shown}; put your own values in, then: portalctl validate ${argument}, portalctl open ${argument}`,
      );
    return exitCodes.done;
  },
};

/** A second file of that name, with another extension, would only be refused later. */
async function refuseOther(folder: string, name: string): Promise<void> {
  const entries = await readdir(folder).catch((): string[] => []);
  const there = specificationExtensions.map((extension) => name + extension);
  const found = entries.find((entry) => there.includes(entry));
  if (found !== undefined)
    throw new PortalError('portal-conflict', `${join(folder, found)} is there already; nothing was written`, {
      hint: 'choose another name, or edit that file',
    });
}

async function write(file: string, shown: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new PortalError('portal-conflict', `${shown} is there already; nothing was written`);
    throw new PortalError('local-path', `${shown} cannot be written (${code})`, {
      hint: code === 'ENOENT' ? 'make its folder first' : 'choose another folder',
    });
  }
}

/** `folder` is where the specification will lie: paths are seen from there. */
async function withQuestions(invocation: Invocation, folder: string): Promise<object> {
  const { output, environment } = invocation;
  return withDaemon(invocation, async (connection, greeting) => {
    warnOfOtherAccount(output, environment, greeting.aws);
    const home = environment['HOME'] ?? '/';
    const questions = startQuestions(output);
    try {
      return await askSpecification({
        questions,
        offersFor: (instanceType) => connection.call('account.offers', { instanceType }),
        keyFilesFor: (keyPair) => keyFilesFor(keyPair, home),
        wrongKeyFile: (path) => wrongKeyFile(resolve(folder, path.replace(/^~(?=\/)/, home))),
        say: (text) => output.line(text),
      });
    } finally {
      questions.close();
    }
  });
}

/** Files of `~/.ssh` that may be private keys: those named as the key pair first. */
async function keyFilesFor(keyPair: string, home: string): Promise<string[]> {
  const entries = await readdir(join(home, '.ssh')).catch((): string[] => []);
  const keys = entries.filter((entry) => /^id_[a-z0-9_]+$|\.pem$/.test(entry) || entry === keyPair);
  const isNamed = (entry: string): boolean => entry === keyPair || entry === `${keyPair}.pem`;
  return [...keys.filter(isNamed), ...keys.filter((entry) => !isNamed(entry))].map(
    (entry) => `~/.ssh/${entry}`,
  );
}
