// What a verb of `portalctl daemon` is.
import type { Invocation } from '../command.ts';
import type { Scope } from './scope.ts';
import type { ServiceManager } from './service-manager.ts';

export interface Verb {
  /** Those of the command's options that go with it, without dashes. */
  readonly options: readonly string[];
  /** Whether it changes something, for which a portald of the machine needs root. */
  readonly changes: boolean;
  /** Whether it is about whichever portald has this environment's socket, and so not about a service with another one. */
  readonly isAboutSocket: boolean;
  /** Resolves to the exit code; throws PortalError. */
  readonly run: (circumstances: Circumstances) => Promise<number>;
}

export interface Circumstances {
  readonly invocation: Invocation;
  readonly scope: Scope;
  /** Undefined where there is none, or it has not to do with this portald. */
  readonly manager: ServiceManager | undefined;
}
