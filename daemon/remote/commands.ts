// Runs the user's own commands (on_open, on_interruption) on the instance.
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { RunSupervised } from './packages.ts';

const keptCharacters = 4000;

/**
 * Runs each command in turn by `sh -c` in the login folder; stops at the first that fails. `timeoutMs` is for all.
 * @throws {PortalError} of kind `hook`, or `ssh` when the connection is lost or `signal` aborts
 */
export async function runCommands(
  run: RunSupervised,
  commands: readonly string[],
  {
    timeoutMs,
    signal,
    ended,
    now,
  }: {
    timeoutMs: number;
    signal: AbortSignal;
    ended: (command: string, code: number, output: string) => void;
    now: () => number;
  },
): Promise<void> {
  const end = now() + timeoutMs;
  for (const [index, command] of commands.entries()) {
    const leftMs = end - now();
    const shown = visibleText(command.length > 80 ? `${command.slice(0, 80)}…` : command);
    if (leftMs <= 0) throw new PortalError('hook', `no time was left for the command: ${shown}`);
    const { code, stdout, stderr } = await run(['sh', '-c', command], { timeoutMs: leftMs, signal });
    ended(shown, code, lastLines(`${stdout}${stderr}`));
    if (code === 0) continue;
    const said = lastLine(stderr) || lastLine(stdout);
    throw new PortalError(
      'hook',
      `the command "${shown}" ended with ${code}${said === '' ? '' : `: ${said}`}${notRun(commands.length - index - 1)}`,
    );
  }
}

function notRun(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '; the one after it was not run' : `; the ${count} after it were not run`;
}

/** The last lines, each made visible; of no more than `keptCharacters` together. */
function lastLines(output: string): string {
  return output.trim().slice(-keptCharacters).split('\n').map(visibleText).join('\n');
}

function lastLine(output: string): string {
  return visibleText((output.trim().split('\n').at(-1) ?? '').slice(0, 300));
}
