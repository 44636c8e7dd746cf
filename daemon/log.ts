// portald's log: JSON, one object a line, on stdout and in a file of the state folder. The only file that knows pino.
import { type Logger, pino } from 'pino';
import { olderLogPath } from '../protocol/paths.ts';
import { createLogFile } from './log-file.ts';
import { createLogOutput } from './log-output.ts';

export interface LogOptions {
  readonly level: string;
  readonly path: string;
}

/** Two files of this size at most. */
const maximumBytes = 5 * 1024 * 1024;
/** What may wait for a stdout that takes nothing more. */
const maximumWaitingBytes = 1024 * 1024;

export interface Log extends Logger {
  /** Opens the file anew: the one before may have been moved. */
  reopen(): void;
}

/** A log that no full disk, and no reader that stops or goes away, brings down or holds up. */
export function createLog({ level, path }: LogOptions): Log {
  const stdout = createLogOutput(1, {
    maximumWaitingBytes,
    resumed: (lines) =>
      log.warn(
        { lines },
        'what reads this output took nothing for a while; so many lines are in the log file only',
      ),
    failed: (error) =>
      file.write(`${JSON.stringify({ level: 40, msg: `nothing is written to stdout: ${error.message}` })}\n`),
  });
  process.on('exit', () => stdout.flush());
  const file = createLogFile({
    path,
    olderPath: olderLogPath(path),
    maximumBytes,
    now: () => performance.now(),
    failed: (error) => log.error({ path, error: error.message }, 'the log file cannot be written'),
  });
  const write = (line: string): void => {
    stdout.write(line);
    file.write(line);
  };
  const log = pino({ level, base: null }, { write });
  process.on('uncaughtExceptionMonitor', (error) =>
    log.fatal({ err: error }, 'portald ends by an error that it did not expect'),
  );
  return Object.assign(log, { reopen: file.reopen });
}
