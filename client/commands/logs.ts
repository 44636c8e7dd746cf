// portalctl logs: portald's own log, from its file; portald need not run.
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalError } from '../../protocol/errors.ts';
import { logPath, stateFolder } from '../../protocol/paths.ts';
import type { Command, Invocation } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { exitCodes } from '../exit-codes.ts';
import { catchInterrupt } from '../interrupt.ts';
import { lineCount } from '../line-count.ts';
import { readLog } from '../log-reader.ts';
import { logLevels, logLines, parseLogLine } from '../log-text.ts';
import { startHint } from '../start-hint.ts';

/** How long portald may take to tell where its log is: it is asked for also when portald is in trouble. */
const patienceMs = 1000;

const help = `Shows the latest of portald's own log: what it did, for whoever seeks a fault.
What happened to a portal is told by portalctl events and portalctl why.

The log is portald.log in the state folder, with portald.log.1 before it, 5 MiB
each at most. It is read from there: portald need not run.

options:
  -f, --follow       go on with what is logged, until Ctrl-C
      --lines N      so many of the latest, by default 50
      --level LEVEL  only this level and those above it: debug, info, warn,
                     error or fatal; which ones are kept at all is said by
                     log_level in portald's configuration
      --json         print the lines as they are: {"level": 20 debug, 30 info,
                     40 warn, 50 error, 60 fatal, "time": milliseconds, "msg",
                     …}; or {"error": {"kind", "message", …}}
  -h, --help         show this help

exit codes:
  0  done; with --follow ended by Ctrl-C, or by whoever read it
  1  there is no log, or it cannot be read
  2  wrong use

example:
  portalctl logs --level warn --follow
`;

export const command: Command = {
  usage: 'logs [-f|--follow] [--lines N] [--level LEVEL] [--json]',
  help,
  flags: ['follow'],
  values: ['lines', 'level'],
  letters: { f: 'follow' },
  choices: { level: Object.keys(logLevels) },
  argumentCount: [0, 0],
  async run(invocation) {
    const { flags, values, output } = invocation;
    const count = lineCount(values, 50);
    const least = new Map<string, number>(Object.entries(logLevels)).get(values.get('level')?.[0] ?? '') ?? 0;
    const tell = (line: string): void => {
      const entry = parseLogLine(line);
      if (output.json && entry !== undefined) output.value(entry);
      else
        for (const pieces of entry === undefined ? [[line]] : logLines(entry, Date.now()))
          output.line(...pieces);
    };
    const isWanted = (line: string): boolean =>
      least === 0 || Number(parseLogLine(line)?.['level'] ?? 0) >= least;

    const path = await logOfDaemon(invocation);
    const interrupt = catchInterrupt();
    try {
      await using log = await readLog(path);
      const { lines } = log;
      if (lines === undefined && !flags.has('follow'))
        throw new PortalError('not-found', `there is no log yet at ${path}`, { hint: startHint });
      const wanted = (lines ?? []).filter(isWanted);
      (count === 0 ? [] : wanted.slice(-count)).forEach(tell);
      if (flags.has('follow'))
        await log.follow((line) => {
          if (isWanted(line)) tell(line);
        }, interrupt.signal);
      return exitCodes.done;
    } catch (error) {
      if (error instanceof PortalError || !(error instanceof Error)) throw error;
      throw new PortalError('local-path', `the log cannot be read: ${error.message}`);
    } finally {
      interrupt.release();
    }
  },
};

/** Where portald says that its log is; else, or if there is none, where it would be in this environment. */
async function logOfDaemon(invocation: Invocation): Promise<string> {
  const own = logPath(stateFolder(invocation.environment));
  try {
    return await withDaemon(
      invocation,
      async (connection) => {
        const asked = connection.call('daemon.status', {}).then(({ logFile }) => logFile);
        // Answers after the connection was closed are of no use.
        asked.catch(() => undefined);
        return Promise.race([asked, sleep(patienceMs, own, { ref: false })]);
      },
      patienceMs,
    );
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    return own;
  }
}
