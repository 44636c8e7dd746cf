// What a command of portalctl is, and what it is given to run.
import type { Environment } from '../protocol/paths.ts';
import type { Listed } from './completion/listed.ts';
import type { OptionTable } from './option-table.ts';
import type { Output } from './output.ts';

export interface Command extends OptionTable {
  /** After `usage: portalctl `. */
  readonly usage: string;
  /** What it does, its options, its JSON, its exit codes and an example. */
  readonly help: string;
  /** How many arguments it takes, at least and at most. */
  readonly argumentCount: readonly [least: number, most: number];
  /** What is missing when there are too few; by default the name of a portal. */
  readonly missing?: string;
  /** What the names among its arguments are, for completion; by default those of portals. */
  readonly names?: 'specifications' | 'new';
  /** For completion: what arguments after the first may be, by the first one. */
  readonly arguments?: Readonly<Record<string, readonly Listed[]>>;
  /** For completion: what else than `choices` a value may be; others are taken, too. */
  readonly suggestions?: Readonly<Record<string, readonly string[] | Listed | 'instance-types'>>;
  /** Whether what follows `--` is something of its own (`rest`); else it counts as arguments. */
  readonly takesRest?: true;
  /** Runs it; resolves to the exit code. Throws PortalError for what can be expected to go wrong. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** A command as the table of commands holds it: loaded only when it is asked for. */
export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export type Commands = ReadonlyMap<string, CommandEntry>;

export interface Invocation {
  /** All commands, for the one that tells about them. */
  readonly commands: Commands;
  readonly positionals: readonly string[];
  readonly flags: ReadonlySet<string>;
  /** Options with a value, in the order given. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** What followed `--`, of a command that takes it. */
  readonly rest: readonly string[] | undefined;
  readonly output: Output;
  readonly environment: Environment;
  readonly workingFolder: string;
}
