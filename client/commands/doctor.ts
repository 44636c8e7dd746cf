// portalctl doctor: looks at whatever portald needs, here and at AWS, and tells what to fix.
import type { CheckView } from '../../protocol/check-view.ts';
import { PortalError } from '../../protocol/errors.ts';
import type { MethodResults } from '../../protocol/methods.ts';
import { portalsFolder, socketPath, stateFolder } from '../../protocol/paths.ts';
import { warnOfOtherAccount } from '../account-warning.ts';
import type { Command, Invocation } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { checkLines, fixLines } from '../doctor/doctor-text.ts';
import { kernelChecks } from '../doctor/kernel.ts';
import { socketChecks, stateFolderChecks } from '../doctor/places.ts';
import { programChecks } from '../doctor/programs.ts';
import { specificationChecks } from '../doctor/specification.ts';
import { exitCodes } from '../exit-codes.ts';
import { isUtf8 } from '../locale.ts';
import { findSpecification } from '../specification-file.ts';

const help = `Looks at whatever portald needs and ends with what to fix. On this machine:
Node, rsync, OpenSSH, the socket, the state folder, the kernel's inotify limits;
with NAME a specification, its identity file and the SSH agent. By portald: its
credentials, how far EC2 is, the clock, orphans, and each action of
iam-policy.json, without doing it: by dry run where AWS has one.

Each line begins with ✓ fine, ! could be better, ✗ wrong, ? could not be told
(without UTF-8: ok, !, X, ?).

options:
  --json      print {"healthy": whether nothing is wrong, "checks": [{"where":
              "here" or "portald", "topic", "level": "fine", "warning",
              "problem" or "unknown", "message", "fix"}]}; or
              {"error": {"kind", "message", …}}
  -h, --help  show this help

exit codes:
  0  nothing is wrong; what could be better does not count
  1  something is wrong, or portald does not run
  2  wrong use
  4  no such specification file

example:
  portalctl doctor gpu
`;

type Diagnosis = MethodResults['daemon.diagnose'];

export const command: Command = {
  usage: 'doctor [NAME] [--json]',
  help,
  flags: [],
  argumentCount: [0, 1],
  async run(invocation) {
    const { positionals, output, environment, workingFolder } = invocation;
    const [name] = positionals;
    const file =
      name === undefined
        ? undefined
        : await findSpecification(name, workingFolder, portalsFolder(environment)).catch(unreadable);
    output.status('looking at this machine');
    const diagnosis = await askPortald(invocation);
    const told = 'checks' in diagnosis ? diagnosis : undefined;
    const here = [
      ...(await programChecks(environment)),
      ...(await socketChecks(socketPath(environment), process.platform)),
      ...(await stateFolderChecks(told?.stateFolder ?? stateFolder(environment))),
      ...(await kernelChecks(process.platform)),
      ...(file === undefined
        ? []
        : 'level' in file
          ? [file]
          : await specificationChecks(
              file,
              environment,
              // portald's own agent counts, and none if it sees none.
              told === undefined ? undefined : (told.agentSocket ?? ''),
            )),
    ];
    const there = 'checks' in diagnosis ? diagnosis.checks : [withoutPortald(diagnosis), untold];
    output.status(undefined);
    const all = [...here, ...there];
    const healthy = all.every((one) => one.level !== 'problem');
    if (output.json) {
      const placed = (where: string, checks: readonly CheckView[]): object[] =>
        checks.map((one) => ({ where, ...one }));
      output.value({ healthy, checks: [...placed('here', here), ...placed('portald', there)] });
    } else {
      const isUnicode = isUtf8(environment);
      const lines = [
        ...checkLines('this machine', here, isUnicode),
        [''],
        ...checkLines('portald and AWS', there, isUnicode),
        [''],
        ...fixLines(all),
      ];
      for (const line of lines) output.line(...line);
    }
    return healthy ? exitCodes.done : exitCodes.failed;
  },
};

/** A file that cannot be read is a finding; one that is not there is a wrong name. */
function unreadable(error: unknown): CheckView {
  if (!(error instanceof PortalError) || error.kind !== 'specification-invalid') throw error;
  return {
    topic: 'specification',
    level: 'problem',
    message: error.message,
    fix: 'correct or replace the file',
  };
}

/** What portald tells, or why it does not. */
async function askPortald(invocation: Invocation): Promise<Diagnosis | PortalError> {
  const { output, environment } = invocation;
  try {
    return await withDaemon(invocation, async (connection, greeting) => {
      warnOfOtherAccount(output, environment, greeting.aws);
      return connection.call('daemon.diagnose', {}, { onProgress: (message) => output.status(message) });
    });
  } catch (error) {
    if (error instanceof PortalError) return error;
    throw error;
  }
}

function withoutPortald({ message, hint }: PortalError): CheckView {
  return { topic: 'portald', level: 'problem', message, ...(hint !== undefined && { fix: hint }) };
}

const untold: CheckView = {
  topic: 'AWS',
  level: 'unknown',
  message: 'credentials, permissions and orphans are told by portald only',
};
