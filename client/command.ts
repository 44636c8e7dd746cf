// What a command of portalctl is, and what it is given to run.
import type { Environment } from '../protocol/paths.ts';
import type { Output } from './output.ts';

export interface Command {
  /** After `usage: portalctl `. */
  readonly usage: string;
  /** What it does, its options, its JSON, its exit codes and an example. */
  readonly help: string;
  /** Flags it takes beside --json and --help, without dashes. */
  readonly flags: readonly string[];
  /** How many arguments it takes, at least and at most. */
  readonly argumentCount: readonly [least: number, most: number];
  /** Runs it; resolves to the exit code. Throws PortalError for what can be expected to go wrong. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

export interface Invocation {
  readonly positionals: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly output: Output;
  readonly environment: Environment;
  readonly workingFolder: string;
}
