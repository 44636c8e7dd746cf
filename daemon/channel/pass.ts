// One pass: the whole of a channel's path, converged by one rsync.
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PortalError } from '../../protocol/errors.ts';
import {
  comparesNanoseconds,
  type RsyncVersion,
  readsUntrustedBatches,
  rsyncVersion,
} from '../../protocol/rsync-version.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { visibleText } from '../../protocol/visible-text.ts';
import type { ChannelTransport } from '../portal/gateways.ts';
import {
  batchProtocol,
  type Roots,
  rootsOfFile,
  rootsOfFolder,
  rootsOfRemoteFolder,
} from './batch-arguments.ts';
import { type LocalPath, lookAt, makeFolder, refuseFileAsFolder } from './local-source.ts';
import { folderOnVolume } from './mount-check.ts';
import { type GuardedChannel, guardOwnFiles, neverCarriedText } from './own-files.ts';
import { failure } from './pass-failure.ts';
import { prepareRemote, type RemoteFacts } from './prepare-remote.ts';
import { folderToMake, type Receiving, receivingPlace, remotePath } from './rsync-arguments.ts';
import { progressIn, type Transferring } from './rsync-progress.ts';
import { createRuns, type RunsParts, rsync } from './rsync-runs.ts';
import { leftBehindBy, leftOutBy, movedBy } from './rsync-stats.ts';
import { createSourceGuard } from './source-guard.ts';
import type { Moved } from './tally.ts';

/**
 * Synchronises once: everything, or of a source folder that is sent with what is in it these paths, relative to it. Resolves
 * with what was moved, or with a remark if there was nothing to synchronise yet. Rejects with PortalError of kind `channel` or
 * `local-path`.
 */
export type RunPass = (
  signal: AbortSignal,
  events: PassEvents,
  paths?: readonly string[],
) => Promise<PassResult>;

export interface PassEvents {
  /** Called about once a second while it moves files. */
  readonly transferring: (now: Transferring) => void;
  /** What is needed of both ends is known, and `batch()` with it. */
  readonly prepared: () => void;
}

/** `isPart`: only the paths that were told were compared. */
export type PassResult =
  | (Moved & { readonly isPart: boolean; readonly note?: string })
  | { readonly remark: string };

export interface Pass {
  readonly run: RunPass;
  /** What is not done, or works less well than it could, as it is now; undefined if there is nothing to report. */
  trouble(): string | undefined;
  /** How files can go by their names; undefined before a pass has been prepared, and where they cannot. */
  batch(): Batch | undefined;
  /** Whether the excludes of `batch()` still name every own file: one may have come since the last pass. Never rejects. */
  coversOwnFiles(): Promise<boolean>;
  /** Something of the source was carried by its name. */
  saw(): void;
  /** Where rsync writes, on the side that receives; undefined before a pass has been prepared. */
  receiving(): Receiving | undefined;
  /** Ends what waits for the next pass. Resolves once nothing of it runs. */
  close(): Promise<void>;
}

export interface Batch extends Roots {
  /** As rsync is given them. */
  readonly exclude: readonly string[];
  /** rsync's. */
  readonly protocol: number;
}

/** The passes of one channel over a transport. */
export type Passes = (transport: ChannelTransport) => Pass;

export interface PassParts extends Omit<RunsParts, 'transport'> {
  readonly specification: ChannelSpecification;
  /** Absolute paths of what is never carried, though it may lie in a channel's folder. */
  readonly ownPaths: () => readonly string[];
  /** The user that portald runs as. */
  readonly userId: number;
  /** rsync may be installed on an instance that has none. */
  readonly installsRsync: () => boolean;
}

/** Makes the passes of one channel, over any transport. */
export function createPasses(parts: PassParts): Passes {
  const { specification, environment, userId, installsRsync, limits, ownPaths } = parts;
  const isOut = specification.direction === 'out';
  const isRecursive = specification.recursive === true;
  const remote = remotePath(specification.remote_path);
  const guard = createSourceGuard(specification);
  const look = async (): Promise<LocalPath> => {
    const local = await lookAt(specification.local_path);
    await (isOut ? guard.check(local) : prepareDestination(specification, local, userId));
    return local;
  };

  const rootsOf = (isFolder: boolean, { kind, readsUntrusted }: Facts): Roots | undefined => {
    const { local_path: here, remote_path: there } = specification;
    if (!isOut) return isFolder && readsUntrusted ? rootsOfRemoteFolder(here, there) : undefined;
    return isFolder ? rootsOfFolder(here, there) : rootsOfFile(here, there, kind === 'folder');
  };

  return (transport) => {
    let facts: Facts | undefined;
    let roots: Roots | undefined;
    let guarded: GuardedChannel = { channel: specification, ownFiles: [] };
    let receiving: Receiving | undefined;
    /** The last pass deleted nothing, since nothing had been in the source. */
    let wasHeld = false;
    const prepare = async (local: LocalPath, signal: AbortSignal): Promise<Facts> => {
      const isFolder = local.kind === 'folder';
      const isEntered = folderOnVolume(specification, transport.mounts, isFolder) !== undefined;
      const folder = isOut ? folderToMake(remote, isFolder && (!isRecursive || isEntered)) : '';
      const [there, here] = await Promise.all([
        prepareRemote(
          transport,
          { path: remote, folder, installs: installsRsync(), isSource: !isOut },
          { environment, signal, limitMs: limits.preparationMs },
        ),
        rsync(['--version'], { environment, signal }),
      ]);
      const versions = [here.stdout, there.rsyncVersion].map(rsyncVersion);
      refuseOldRsync(versions[0], here.stdout, 'this machine', 'brew install rsync, or a package of it');
      refuseOldRsync(
        versions[1],
        there.rsyncVersion,
        'the instance',
        'use a newer image, or install rsync there',
      );
      return {
        ...there,
        batchProtocol: batchProtocol(versions[0], versions[1]),
        readsUntrusted: readsUntrustedBatches(versions[0]),
      };
    };
    const runs = createRuns({ ...parts, transport });
    const attempt: Attempt = async (signal, { transferring, prepared }, paths) => {
      const local = await look();
      guarded = await guardOwnFiles(specification, ownPaths());
      const { channel } = guarded;
      // An inbound source that may be away, or not filled yet, is looked at each time.
      const isLookedAt = !isOut && specification.delete === true;
      if (facts === undefined || isLookedAt) facts = await prepare(local, signal);
      if (!isOut) guard.checkThere(facts);
      if (!isOut && facts.kind === 'other' && remote.endsWith('/')) {
        facts = undefined;
        throw new PortalError(
          'channel',
          `${visibleText(specification.remote_path)} on the instance is a file`,
          {
            hint: 'take the slash from the end of channels[].remote_path, or put a folder there',
          },
        );
      }
      if (!isOut && facts.kind === 'missing') {
        // What is to be fetched is often made only later, by the first run of the user's program.
        facts = undefined;
        return { remark: `${visibleText(specification.remote_path)} does not exist on the instance yet` };
      }
      const isHeld = guard.holdsDeletion();
      const sourceIsFolder = (isOut ? local.kind : facts.kind) === 'folder';
      if (!isOut && sourceIsFolder && !isRecursive) {
        await makeFolder(specification.local_path);
      }
      roots = rootsOf(sourceIsFolder, facts);
      receiving = receivingPlace(specification, {
        ofFolder: sourceIsFolder,
        intoFolder: (isOut ? facts.kind : local.kind) === 'folder',
      });
      prepared();
      const told = (text: string): void => {
        const now = progressIn(text);
        if (now !== undefined) transferring(now);
      };
      const result = await runs.run(
        { channel, facts: { sourceIsFolder }, paths, isDeletionHeld: isHeld },
        { signal, told },
      );
      if (result.code === 0) {
        const note = isHeld ? undefined : notesOn(result.stdout, specification);
        wasHeld = isHeld;
        return { ...movedBy(result.stdout), isPart: result.isPart, ...(note !== undefined && { note }) };
      }
      // What was known of the instance may have changed.
      facts = undefined;
      const failed = failure(result, specification.direction);
      if (result.isCutOff !== true || signal.aborted) throw failed;
      return { cutOff: failed };
    };
    const run: RunPass = async (...given) => {
      // Anew from the look at the source, which may be another by now, or away.
      let result = await attempt(...given);
      if ('cutOff' in result) result = await attempt(...given);
      if ('cutOff' in result) throw result.cutOff;
      return result;
    };
    const trouble = (): string | undefined =>
      (wasHeld && guard.holdsDeletion() ? emptySource(specification) : undefined) ??
      (facts !== undefined && facts.batchProtocol === undefined
        ? 'an rsync before 3.2 at one end: every save is a pass over everything'
        : neverCarriedText(guarded.ownFiles));
    const batch = (): Batch | undefined =>
      roots && facts?.batchProtocol !== undefined
        ? { ...roots, protocol: facts.batchProtocol, exclude: guarded.channel.exclude ?? [] }
        : undefined;
    const coversOwnFiles = async (): Promise<boolean> => {
      const now = await guardOwnFiles(specification, ownPaths()).catch(() => undefined);
      return isDeepStrictEqual(now?.ownFiles, guarded.ownFiles);
    };
    return {
      run,
      trouble,
      batch,
      coversOwnFiles,
      receiving: () => receiving,
      saw: guard.saw,
      close: runs.close,
    };
  };
}

/** As a pass, but for one whose rsync had waited and was cut off. */
type Attempt = (...given: Parameters<RunPass>) => Promise<PassResult | { readonly cutOff: PortalError }>;

/** Of both ends. */
interface Facts extends RemoteFacts {
  readonly batchProtocol: number | undefined;
  readonly readsUntrusted: boolean;
}

/**
 * Before, two saves of one size within a second would be taken for one, and the second never be sent; what only bears its
 * name (openrsync) does not take our options.
 */
function refuseOldRsync(version: RsyncVersion | undefined, text: string, where: string, hint: string): void {
  if (comparesNanoseconds(version)) return;
  const found = visibleText(text.split('\n')[0]?.slice(0, 80) ?? '');
  throw new PortalError('channel', `the rsync of ${where} (${found}) is none of version 3.1.3 or later`, {
    hint,
  });
}

function emptySource({ direction, local_path: here, remote_path: there }: ChannelSpecification): string {
  const [source, target] =
    direction === 'out' ? [here, 'on the instance'] : [`${there} on the instance`, 'here'];
  return `${visibleText(source)} is empty, and was since portald took the channel up: nothing is deleted ${target}`;
}

function notesOn(stdout: string, { direction }: ChannelSpecification): string | undefined {
  const notes = [leftBehindBy(stdout, direction), leftOutBy(stdout)].filter((one) => one !== undefined);
  return notes.length === 0 ? undefined : notes.join('; ');
}

async function prepareDestination(
  specification: ChannelSpecification,
  local: LocalPath,
  userId: number,
): Promise<void> {
  const path = specification.local_path;
  refuseFileAsFolder(path, local);
  const owner = local.kind === 'missing' ? await ownerAbove(path) : local.owner;
  if (userId === 0 && owner !== 0) {
    throw new PortalError(
      'channel',
      `portald runs as root, and ${visibleText(path)} belongs to another user`,
      {
        hint: 'run portald as that user',
      },
    );
  }
  if (local.kind !== 'missing') return;
  await makeFolder(path.endsWith('/') ? path : dirname(path));
}

/** User that owns the nearest folder above `path` that is there. */
async function ownerAbove(path: string): Promise<number> {
  const folder = dirname(path);
  const { kind, owner } = await lookAt(folder);
  return kind === 'missing' && folder !== path ? ownerAbove(folder) : owner;
}
