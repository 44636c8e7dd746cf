// portald's log: JSON, one object a line, on stdout and in a file of the state folder. The only file that knows pino.
import { type Logger, pino } from 'pino';
import { olderLogPath } from '../protocol/paths.ts';
import { createLogFile } from './log-file.ts';

export interface LogOptions {
  readonly level: string;
  readonly path: string;
}

/** Two files of this size at most. */
const maximumBytes = 5 * 1024 * 1024;
/** What may wait for a stdout that takes nothing more. */
const maximumWaitingBytes = 1024 * 1024;

/** A log that neither a full disk nor a reader that went away brings down. */
export function createLog({ level, path }: LogOptions): Logger {
  const stdout = pino.destination({ fd: 1, sync: true, maxLength: maximumWaitingBytes });
  stdout.on('error', () => undefined);
  const file = createLogFile({
    path,
    olderPath: olderLogPath(path),
    maximumBytes,
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
  return log;
}
