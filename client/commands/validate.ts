// portalctl validate: is a specification right? By itself, without a daemon; with --aws also by what the account has.
import { byPlace } from '../../protocol/by-place.ts';
import { PortalError, type Problem } from '../../protocol/errors.ts';
import type { FindingLevel, FindingView } from '../../protocol/finding.ts';
import { portalsFolder } from '../../protocol/paths.ts';
import { ownIdentity, warnOfOtherAccount } from '../account-warning.ts';
import type { Command, Invocation } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { problemLine, reportFailure } from '../failure.ts';
import { checkLocally } from '../local-check.ts';
import type { Output, Style } from '../output.ts';
import { findSpecification, type SpecificationFile } from '../specification-file.ts';

const help = `Checks specifications whole, without a daemon: their form, what cannot go
together, the key file and the local paths. Every mistake is told as
FILE:LINE:COLUMN: FIELD: MESSAGE. NAME is as for open. It also warns of what
is right and hardly meant, such as a home folder that is sent, or an exclude
that matches nothing.

With --aws portald also asks AWS, and changes nothing: the key pair and whether
the identity file is its own, the security group and whether it lets this
machine in, zone, subnet and whether it gives a public address, volumes, image,
instance types and whether the image runs on them, spot prices and quota, and
whether the fleet role can be one of the account.

options:
  --aws       ask AWS, too; needs portald
  --json      print {"specifications": [{"file", "valid", "problems": [{"line",
              "column", "path", "message"}], "findings": [the same with
              "level": "refusal", "problem", "warning" or "fine", "hint"}]}]};
              "findings" with --aws, and where there is a warning;
              {"error": {"kind", "message", …}} if the only one is not there,
              else {"file", "valid", "error"} in the list
  -h, --help  show this help

exit codes:
  0  valid; a warning does not count
  1  AWS could not be asked, or it would be refused or come to nothing
  2  wrong use, or an invalid specification
  3  no daemon, with --aws
  4  no such specification file

example:
  portalctl validate gpu --aws
`;

interface Checked {
  readonly file: string;
  readonly problems: readonly Problem[];
  readonly findings?: readonly FindingView[];
}

export const command: Command = {
  usage: 'validate NAME… [--aws] [--json]',
  help,
  flags: ['aws'],
  names: 'specifications',
  argumentCount: [1, Number.POSITIVE_INFINITY],
  async run(invocation) {
    const { positionals, flags, output, environment, workingFolder } = invocation;
    const folder = portalsFolder(environment);
    const files: SpecificationFile[] = [];
    const notRead: { file: string; valid: false; error: object }[] = [];
    let missing: number = exitCodes.done;
    for (const name of positionals) {
      try {
        files.push(await findSpecification(name, workingFolder, folder));
      } catch (error) {
        // One that is not there keeps none of the others from being checked.
        if (positionals.length === 1 || !(error instanceof PortalError)) throw error;
        missing = output.json ? exitCodeOf(error.kind) : reportFailure(output, error);
        const { message } = error;
        notRead.push({ file: name, valid: false, error: { message, ...error.toData() } });
      }
    }
    const checked: Checked[] = [];
    for (const file of files) {
      const { problems, warnings } = await checkLocally(file, environment);
      checked.push({
        file: file.shownPath,
        problems,
        ...((warnings.length > 0 || (flags.has('aws') && problems.length === 0)) && { findings: warnings }),
      });
    }
    const isAwsAsked = flags.has('aws') && checked.some((one) => one.problems.length === 0);
    const asked = isAwsAsked ? await askAws(files, checked, invocation) : checked;
    if (output.json) {
      const specifications = asked.map((one) => ({ ...one, valid: one.problems.length === 0 }));
      output.value({ specifications: [...specifications, ...notRead] });
    } else for (const one of asked) tell(one, output);
    if (asked.some((one) => one.problems.length > 0)) return exitCodes.wrongUse;
    const isHopeless = asked.some((one) =>
      one.findings?.some(({ level }) => level === 'refusal' || level === 'problem'),
    );
    return missing || (isHopeless ? exitCodes.failed : exitCodes.done);
  },
};

/** What AWS says of those that are valid. */
async function askAws(
  files: readonly SpecificationFile[],
  checked: readonly Checked[],
  invocation: Invocation,
): Promise<Checked[]> {
  const { output, environment } = invocation;
  return withDaemon(invocation, async (connection, greeting) => {
    warnOfOtherAccount(output, environment, greeting.aws);
    const all: Checked[] = [];
    for (const [index, one] of checked.entries()) {
      const { path, text } = files[index] ?? { path: '', text: '' };
      if (one.problems.length > 0) all.push(one);
      else {
        const parameters = { path, text, environment: ownIdentity(environment) };
        const answer = await connection.call('specification.check', parameters, {
          onProgress: (message) => output.status(message),
        });
        all.push({ ...one, findings: [...(one.findings ?? []), ...answer.findings].toSorted(byPlace) });
      }
    }
    output.status(undefined);
    return all;
  });
}

const levelWords: Readonly<Record<FindingLevel, { word: string; style: Style }>> = {
  fine: { word: 'fine', style: 'green' },
  warning: { word: 'warning', style: 'yellow' },
  problem: { word: 'problem', style: 'red' },
  refusal: { word: 'refused', style: 'red' },
};

function tell({ file, problems, findings = [] }: Checked, output: Output): void {
  for (const problem of problems) output.complain(...problemLine(file, problem));
  if (problems.length > 0) {
    output.complain(`${file} has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}`);
    return;
  }
  output.line(`${file} is valid`);
  for (const finding of findings) {
    const { word, style } = levelWords[finding.level];
    const place = finding.level === 'fine' ? '' : `line ${finding.line}, ${finding.path}: `;
    output.line('  ', { text: word.padEnd(7), style }, `  ${place}${finding.message}`);
    for (const hint of finding.hint?.split('\n') ?? []) output.line(`           ${hint}`);
  }
}
