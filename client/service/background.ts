// portald without a service manager: in the background, in a session of its own, with the environment of this shell.
import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { PortalError } from '../../protocol/errors.ts';
import { type Environment, stateFolder } from '../../protocol/paths.ts';
import { readRegularFileNow } from '../../protocol/regular-file.ts';
import { makeFolders } from './make-folders.ts';
import { ownProgram } from './own-program.ts';
import { runTool } from './run-tool.ts';
import { type DaemonStatus, justStarting, untilAnswers } from './running.ts';

const mostSaidBytes = 1024 * 1024;

/** Resolves once it answers. Throws PortalError with its own words if it does not start. */
export async function startInBackground(environment: Environment): Promise<DaemonStatus> {
  const { node, portald } = ownProgram(environment);
  const folder = stateFolder(environment);
  // Its log it writes itself; this is for why it does not start, and what Node says when it dies.
  const said = join(folder, 'portald.stderr');
  const descriptor = openPrivate(said, folder);
  const child = spawn(node, [portald], {
    cwd: '/',
    detached: true,
    env: { ...environment },
    stdio: ['ignore', 'ignore', descriptor],
  });
  closeSync(descriptor);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure = `it ended at once (${code ?? signal})`));
  child.unref();
  // It may have failed because somebody else started one at the same time.
  const status =
    (await untilAnswers(environment, () => failure !== undefined)) ?? (await justStarting(environment));
  if (status !== undefined) return status;
  throw refusal(
    readRegularFileNow(said, mostSaidBytes).toString(),
    'portald did not start',
    failure ?? '',
    said,
  );
}

/** Throws PortalError if portald would refuse to start for a mistake in its configuration: before another one is ended. */
export async function checkConfiguration(environment: Environment): Promise<void> {
  const { node, portald } = ownProgram(environment);
  const { code, stderr } = await runTool(node, [portald, '--check'], environment);
  if (code === 2) throw refusal(stderr, 'portald would not start again, and is not ended', '', '');
}

/** Does not follow a link or wait for a pipe, which somebody who can write to the folder could have put there. */
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function openPrivate(path: string, folder: string): number {
  try {
    makeFolders(folder, 0o700);
    const descriptor = openSync(path, flags, 0o600);
    const facts = fstatSync(descriptor);
    if (!facts.isFile() || facts.nlink > 1 || facts.uid !== process.getuid?.()) {
      closeSync(descriptor);
      throw new Error(`${path} is not a file of yours alone: remove it`);
    }
    ftruncateSync(descriptor);
    return descriptor;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PortalError('state-folder', `the state folder cannot be written: ${reason}`, {
      hint: 'set PORTALD_STATE_DIR to a path in a folder of your own',
    });
  }
}

/** portald's own refusal, its hints with it; else why it ended. */
function refusal(text: string, what: string, failure: string, path: string): PortalError {
  const lines = text.split('\n').filter((line) => line !== '');
  const after = (begin: string): string[] =>
    lines.filter((line) => line.startsWith(begin)).map((line) => line.slice(begin.length));
  const [message] = after('portald: ');
  const mistakes = lines.filter((line) => /^\/.*:\d+:\d+: /.test(line));
  const hints = message === undefined ? [`what it said is in ${path}`] : [...mistakes, ...after('hint: ')];
  return new PortalError('service', `${what}: ${message ?? failure}`, {
    ...(hints.length > 0 && { hint: hints.join('\n') }),
  });
}
