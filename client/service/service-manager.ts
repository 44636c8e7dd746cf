// What portalctl asks of whatever runs services here, be it systemd or launchd.
import type { OwnProgram } from './own-program.ts';
import type { Variables } from './taken-environment.ts';

export interface ServiceState {
  /** The unit or property list in force; undefined: portald is no service here. */
  readonly file: string | undefined;
  /** Whether `install` has written that file. */
  readonly isOwn: boolean;
  /** Whether it is started by itself: at boot, or when its user logs in. */
  readonly isEnabled: boolean;
  /** The process of portald that it runs. */
  readonly pid: number | undefined;
}

export interface Installation {
  readonly program: OwnProgram;
  readonly variables: Variables;
}

/** Every method that changes something throws PortalError `service` with what the manager says. */
export interface ServiceManager {
  /** `systemd`, `your systemd`, `launchd`. */
  readonly name: string;
  /** As it calls the service. */
  readonly service: string;
  look(): Promise<ServiceState>;
  /** The variables that the last installation took. */
  earlier(): Promise<Variables>;
  /** Writes, enables and starts it, or starts it anew if that changed something. Resolves to what was done, a sentence each. */
  install(installation: Installation): Promise<string[]>;
  /** Stops and disables it, and removes what `install` wrote. Resolves to what was done, a sentence each. */
  uninstall(): Promise<string[]>;
  start(): Promise<void>;
  /** Resolves once it has ended. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}
