// The configuration as it is now: read at the start, and again when somebody asks for it.
import { PortalError } from '../protocol/errors.ts';
import { configurationPath, type Environment, isConfigurationNamed } from '../protocol/paths.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { refusalText } from './refusal-text.ts';

export interface LiveConfiguration {
  current(): Configuration;
  /**
   * Reads the file anew and sets the log's level. One with a mistake changes nothing and is told in the log, as is what
   * only a restart can change. Never rejects: nobody waits for it.
   */
  reload(log: ReloadLog): Promise<void>;
}

export interface ReloadLog {
  level: string;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Throws PortalError `configuration` with every mistake. */
export async function openConfiguration(environment: Environment): Promise<LiveConfiguration> {
  const path = configurationPath(environment);
  const read = (): Promise<Configuration> => readConfiguration(path, isConfigurationNamed(environment));
  const first = await read();
  let current = first;
  return {
    current: () => current,
    async reload(log) {
      try {
        current = await read();
      } catch (error) {
        const why = error instanceof PortalError ? refusalText(error, path).trim() : String(error);
        log.warn({ path }, `the configuration stays as it was: ${why}`);
        return;
      }
      log.level = current.log_level ?? 'info';
      log.info({ path }, 'read the configuration anew');
      const fixed = (['region', 'profile'] as const).filter((name) => current[name] !== first[name]);
      if (fixed.length > 0) log.warn({ path }, `${fixed.join(' and ')}: restart portald for that`);
    },
  };
}
