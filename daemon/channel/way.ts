// How a channel synchronises over one transport: by a pass over everything; outbound, from when the first one has begun, by
// batches of the files that changed; inbound, once one was good, with a watch on the instance.
import { isDeepStrictEqual } from 'node:util';
import {
  type ExcludeFilter,
  excludeFilter,
  excludeRules,
} from '../../protocol/specification/exclude-patterns.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import type { ChannelTransport } from '../portal/gateways.ts';
import { applyBatches } from './apply-batches.ts';
import { type Change, changedFiles } from './changed-files.ts';
import { defaultDelaySeconds } from './due-time.ts';
import { createExpress, type Express, type ExpressParts } from './express.ts';
import { removeLeftOver } from './left-over.ts';
import type { Limits } from './limits.ts';
import type { Batch, PassEvents, Passes, PassResult } from './pass.ts';
import { createRecheck } from './recheck.ts';
import { namePrefix, remotePath } from './rsync-arguments.ts';
import type { Moved } from './tally.ts';
import { createTurns } from './turns.ts';
import { type Batches, type RemoteWatch, watchRemote } from './watch-remote.ts';

export interface Way {
  /**
   * Synchronises everything, or of a source folder these paths; resolves with what was moved, or a remark if there was
   * nothing yet. Rejects with PortalError.
   */
  pass(
    signal: AbortSignal,
    transferring: PassEvents['transferring'],
    paths?: readonly string[],
  ): Promise<PassResult>;
  /** Whether changed files can be sent by their names now. */
  takesNames(): boolean;
  /**
   * Sends what changed. Resolves to `sent`, `nothing` if there was nothing to send, each with what a pass is needed for;
   * or to `failed`. Never rejects.
   */
  send(changes: readonly Change[]): Promise<Sent>;
  /**
   * After a pass that was good, removes what earlier synchronisations that were not may have left. Never rejects, and
   * must not overlap with `send`.
   */
  tidy(signal: AbortSignal): Promise<void>;
  /** Whether the instance tells of changes there now; and why not, once that is known. */
  isTold(): boolean;
  trouble(): string | undefined;
  /** Ends all that waits or runs. */
  close(): Promise<void>;
}

export interface Sent extends Moved {
  readonly outcome: 'sent' | 'nothing' | 'failed';
  /** Of the files, relative to the source. */
  readonly names: readonly string[];
  /** A pass is needed for these paths; */
  readonly compared: readonly string[];
  /** for everything. */
  readonly isPassNeeded: boolean;
}

const failed: Sent = {
  outcome: 'failed',
  names: [],
  compared: [],
  isPassNeeded: true,
  files: 0,
  bytes: 0,
};

export interface WayParts extends Pick<ExpressParts, 'folder' | 'environment' | 'sessions' | 'log'> {
  readonly specification: ChannelSpecification;
  readonly limits: Limits;
  readonly passes: Passes;
  readonly now: () => number;
  /** When the first synchronisation may have begun that did not end well and was not of these ways; undefined if none did. */
  readonly doubtfulSince: number | undefined;
}

export interface WayEvents {
  /** Something is to be fetched, or a file that was sent has changed since, and nobody told. */
  readonly changed: (change?: Change) => void;
  /** The instance sent what changed there, and it is here; `begunAt` is when its first bytes were. */
  readonly arrived: (moved: Moved, begunAt: number) => void;
}

export type Ways = (transport: ChannelTransport, events: WayEvents) => Way;

export function createWays(parts: WayParts): Ways {
  const { specification, passes, sessions } = parts;
  const isIn = specification.direction === 'in';
  const { recursive: isRecursive = false } = specification;
  const path = isIn ? remotePath(specification.remote_path) : specification.local_path;
  const prefix = namePrefix(path, isRecursive);
  /** When the first synchronisation began that did not end well, and may have left something. */
  let { doubtfulSince } = parts;
  const doubt = (begunAt: number): void => {
    doubtfulSince = Math.min(doubtfulSince ?? begunAt, begunAt);
  };
  return (transport, { changed, arrived }) => {
    const pass = passes(transport);
    let batch: Batch | undefined;
    /** Undefined where only rsync can tell what is excluded. */
    let filter: ExcludeFilter | undefined;
    let express: Express | undefined;
    let watch: RemoteWatch | undefined;
    let watched: Batch | undefined;
    const recheck = createRecheck((path) => changed({ path }), parts.now);
    // Who writes to the folder here, one at a time. With a pass and a batch in its hands at once, an instance could make a folder
    // by one, a link in its place by the other, and write through that link.
    const turn = createTurns();
    /** Begins to watch on the instance, unless it cannot be done there. */
    const watchThere = async (): Promise<void> => {
      const next = pass.batch();
      // A watch that runs has its excludes, and what may be sent, from when it began.
      const isCurrent = isDeepStrictEqual(next, watched);
      if (isCurrent && (watch?.isEnded() === false || watch?.trouble() !== undefined)) return;
      watched = next;
      await watch?.close();
      watch = undefined;
      const session = sessions.take(transport);
      const batches = inboundBatches();
      try {
        watch = watchRemote({
          ...parts,
          transport: session.transport,
          path: remotePath(specification.remote_path),
          isRecursive,
          deletes: specification.delete === true,
          delaySeconds: specification.delay ?? defaultDelaySeconds,
          batches,
          changed,
          ended: session.giveBack,
        });
      } catch (error) {
        session.giveBack();
        await batches?.applier.close();
        throw error;
      }
    };
    const inboundBatches = (): Batches | undefined => {
      const next = pass.batch();
      const excludes = next && excludeRules(next.exclude);
      if (next === undefined || excludes === undefined) return undefined;
      return {
        protocol: next.protocol,
        prefix,
        excludes,
        applier: applyBatches(
          {
            ...next,
            channel: { ...specification, exclude: [...next.exclude] },
            coversOwnFiles: pass.coversOwnFiles,
          },
          parts,
        ),
        turn,
        arrived(moved, begunAt) {
          pass.saw();
          arrived(moved, begunAt);
        },
        refused(problem, begunAt) {
          doubt(begunAt);
          parts.log.debug({ problem }, 'a batch of the instance was not applied');
          changed();
        },
      };
    };
    const renewExpress = async (): Promise<void> => {
      const next = pass.batch();
      if (isDeepStrictEqual(next, batch)) return;
      await express?.close();
      batch = next;
      filter = next && excludeFilter(next.exclude);
      express = next && filter && createExpress({ ...parts, ...next, transport });
    };
    return {
      async pass(signal, transferring, paths) {
        const over = await turn();
        const begunAt = parts.now();
        let renewed: Promise<void> | undefined;
        let isPrepared = false;
        const prepared = (): void => {
          // A first attempt that was cut off may have left something.
          if (isPrepared) doubt(begunAt);
          else if (!isIn && !signal.aborted) renewed = renewExpress();
          isPrepared = true;
        };
        let result: PassResult;
        try {
          result = await pass.run(signal, { transferring, prepared }, paths);
        } catch (error) {
          doubt(begunAt);
          throw error;
        } finally {
          over();
          await renewed;
        }
        if (isIn && !('remark' in result) && !signal.aborted) await watchThere();
        return result;
      },
      takesNames: () => express?.isArmed() === true,
      async send(changes) {
        const isExcluded = filter;
        if (express === undefined || isExcluded === undefined || batch === undefined) return failed;
        const { localRoot, file } = batch;
        const found = await changedFiles(localRoot, file === undefined ? changes : [{ path: file }], {
          isExcluded: (name, kind) => isExcluded(file ?? `${prefix}${name}`, kind),
          deletes: specification.delete === true,
        });
        const { names, compared } = found;
        const seen = await recheck.look(localRoot, [...names, ...compared]);
        recheck.follow(localRoot, seen);
        const sent = { ...found, files: names.length };
        if (names.length === 0) return { ...sent, outcome: 'nothing' };
        if (!(await pass.coversOwnFiles())) return failed;
        const begunAt = parts.now();
        if (await express.send(names)) {
          pass.saw();
          return { ...sent, outcome: 'sent' };
        }
        doubt(begunAt);
        return failed;
      },
      async tidy(signal) {
        const receiving = pass.receiving();
        if (doubtfulSince === undefined || receiving === undefined) return;
        const since = doubtfulSince;
        const over = await turn();
        try {
          const suspected = { ...receiving, isRecursive, ageMs: parts.now() - since };
          await removeLeftOver(isIn ? undefined : transport, suspected, { ...parts, signal });
          if (doubtfulSince === since) doubtfulSince = undefined;
        } catch (error) {
          parts.log.debug({ err: error }, 'what was left of a synchronisation may still be there');
        } finally {
          over();
        }
      },
      isTold: () => watch?.isWatching() === true,
      trouble: () => watch?.trouble() ?? watch?.remark() ?? pass.trouble(),
      async close() {
        recheck.close();
        await Promise.all([express?.close(), watch?.close(), pass.close()]);
      },
    };
  };
}
