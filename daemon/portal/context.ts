// What the executors of a portal's steps work with. Owned by the portal; everything long-lived in it ends with it.

import type { PortalError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/events.ts';
import type { ChannelSet } from './channel-set.ts';
import type { Cloud, CloudView } from './cloud.ts';
import type { ConnectRemote, MountState, OpenChannel, RemoteLink } from './gateways.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import type { TaskBoard } from './task-board.ts';

/** Host keys: made for an instance, given to it, read from its console. Implemented in remote/. */
export interface HostKeys {
  generate(): { readonly privateKey: string; readonly publicKey: string };
  userData(key: { readonly privateKey: string; readonly publicKey: string }): string;
  fromConsole(text: string): string[];
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What every portal of a daemon shares. */
export interface PortalParts {
  readonly cloud: Cloud;
  readonly view: CloudView;
  readonly connect: ConnectRemote;
  readonly openChannel: OpenChannel;
  readonly hostKeys: HostKeys;
  readonly save: (record: PortalRecord) => Promise<void>;
  readonly now: () => number;
  /** As in `Observation`. */
  readonly earlyReplacementMs: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
  /** Random hexadecimal text, for tokens. */
  readonly randomId: () => string;
  readonly log: Log;
  /** An unexpected error: logged under an id that the returned error carries. */
  readonly unexpected: (error: unknown, doing: string) => PortalError;
}

export interface PortalContext extends PortalParts {
  record(): PortalRecord;
  /**
   * Changes the record; resolves once it is on disk. `causes` are told then, and kept with it, before the state that the
   * portal comes into by them: who asks why reads them even if portald is killed at once.
   */
  change(
    edit: (record: PortalRecord) => PortalRecord,
    causes?: readonly Omit<Message, 'portal' | 'at'>[],
  ): Promise<void>;
  readonly links: Map<number, RemoteLink>;
  /** What was found mounted, by generation; dropped whenever it may have changed. */
  readonly mounts: Map<number, MountsFound>;
  readonly tasks: TaskBoard;
  readonly channels: ChannelSet;
  kick(): void;
  tell(level: Message['level'], text: string): void;
}

/** What was mounted at a time, milliseconds. */
export interface MountsFound {
  readonly at: number;
  readonly volumes: readonly MountState[];
}

/** When the loop decides again: at once, or after so many milliseconds (a kick comes first). */
export interface Outcome {
  readonly againMs: number;
  /** What was asked of EC2, for people; told once, however often it is asked. */
  readonly told?: string;
}

export const atOnce: Outcome = { againMs: 0 };

export function generationOf(context: PortalContext, number: number): GenerationRecord {
  const found = context.record().generations.find((one) => one.number === number);
  if (found === undefined) throw new Error(`portal ${context.record().name} has no generation ${number}`);
  return found;
}

export function linkOf(context: PortalContext, number: number): RemoteLink {
  const link = context.links.get(number);
  if (link === undefined)
    throw new Error(`portal ${context.record().name} has no connection to generation ${number}`);
  return link;
}
