// Runs one script on the instance over a connection and collects what it says, within limits of time and size.
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import { createOutputTail } from './output-tail.ts';
import { bootstrap, firstLine, outputMarker, supervisedScript } from './shell-script.ts';
import type { Client, ClientChannel } from './ssh2.ts';

export interface RemoteResult {
  /** Exit code; 128 and more for a signal. */
  readonly code: number;
  /** The last part of the script's standard output. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Runs a POSIX shell script with `$1`, `$2`, … on the instance. Rejects with PortalError of kind `ssh`. */
export type RunScript = (
  script: string,
  scriptArguments: readonly string[],
  options?: RunOptions,
) => Promise<RemoteResult>;

const defaultTimeoutMs = 60_000;
/** How long output may come after the exit: something left running in the background may hold the stream. */
const lateOutputMs = 500;

/** Runs `script`. When the time is over or `signal` aborts, the answer is given up; the script may go on. */
export function runScript(
  client: Client,
  script: string,
  scriptArguments: readonly string[],
  options: RunOptions = {},
): Promise<RemoteResult> {
  return converse(client, (channel) => channel.end(firstLine(script, scriptArguments)), options);
}

/**
 * Runs the program `words`, which ends (with all that it started) when the time is over, `signal` aborts or the
 * connection is lost. It has no standard input.
 */
export function runSupervised(
  client: Client,
  words: readonly string[],
  options: RunOptions = {},
): Promise<RemoteResult> {
  return converse(client, (channel) => void channel.write(firstLine(supervisedScript, words)), options);
}

function converse(
  client: Client,
  begin: (channel: ClientChannel) => void,
  { timeoutMs = defaultTimeoutMs, signal }: RunOptions,
): Promise<RemoteResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RemoteResult>();
  let channel: ClientChannel | undefined;
  let givenUp = false;
  let isBegun = (): boolean => true;
  const giveUp = (message: string): void => {
    givenUp = true;
    reject(new PortalError('ssh', message, isBegun() ? {} : { hint: startUpFiles }));
    channel?.close();
  };
  const aborted = (): void => giveUp('the command on the instance was given up');
  const timer = setTimeout(() => giveUp(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
  signal?.addEventListener('abort', aborted, { once: true });

  const attend = (opened: ClientChannel): void => {
    channel = opened;
    const stdout = createOutputTail(`${outputMarker}\n`);
    const stderr = createOutputTail();
    isBegun = stdout.isBegun;
    let code: number | undefined;
    const finish = (): void => {
      if (code === undefined) reject(new PortalError('ssh', 'the connection was lost during a command'));
      else if (!stdout.isBegun()) reject(notAShell(stdout.text(), stderr.text(), code));
      else resolve({ code, stdout: stdout.text(), stderr: stderr.text() });
    };
    opened.on('data', (bytes: Buffer) => stdout.push(bytes));
    opened.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    opened.on('error', () => {}); // 'close' follows
    opened.on('exit', (exitCode: number | null) => {
      code = exitCode ?? 128;
      setTimeout(() => opened.close(), lateOutputMs).unref();
    });
    opened.once('close', finish);
    begin(opened);
  };

  if (signal?.aborted === true) aborted();
  else {
    try {
      client.exec(bootstrap, (error, opened) => {
        if (error)
          reject(
            new PortalError('ssh', `no session: ${visibleText(error.message)}`, {
              hint: 'sshd on the instance may allow too few at a time: set MaxSessions in its configuration to 10, its default',
              cause: error,
            }),
          );
        else if (givenUp) opened.close();
        else attend(opened);
      });
    } catch (error) {
      reject(new PortalError('ssh', 'not connected', { cause: error }));
    }
  }
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  });
}

const startUpFiles =
  'a start-up file of the login shell there (~/.bashrc, ~/.profile, …) may exit, start another shell or read its input: let it do so only if the shell is interactive (case $- in *i*) …)';

/** Some images answer every command of root's with a sentence instead of running it. */
function notAShell(stdout: string, stderr: string, code: number): PortalError {
  const said = visibleText(`${stdout} ${stderr}`.trim().slice(0, 300));
  const [message, hint] =
    said === ''
      ? [
          `the login shell of this user on the instance ended with code ${code} before it ran anything`,
          startUpFiles,
        ]
      : [
          `the instance runs no commands for this user; it says: ${said}`,
          `check spot_instance.remote_user; ${startUpFiles}`,
        ];
  return new PortalError('ssh', message, { hint });
}
