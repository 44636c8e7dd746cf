// Compares what is watched with what there is, and watches by itself what is missing. The watcher of a tree is not asked
// to: it knows folders by their paths, and takes one that was replaced unseen for watched.
import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  identification,
  stillUnwatched,
  type UnwatchedFolder,
  unwatchedFolders,
  type WatchedTree,
} from './unwatched-folders.ts';

export interface WatchAudit {
  /** Compares soon; requests that come while it does are one more comparison. */
  request(): void;
  /** Resolves once nothing of it is under way or watched. It ends by its signal. */
  ended(): Promise<void>;
}

export interface WatchAuditParts {
  readonly tree: WatchedTree;
  readonly signal: AbortSignal;
  /** Something happened in a folder that it watches, with the name in it if that is known. */
  readonly told: (folder: string, name: string | undefined) => void;
  /** So many folders were not watched, and are now: what happened in them was not told. */
  readonly missed: (folders: number) => void;
  /** A folder cannot be watched. */
  readonly failed: (error: unknown) => void;
  /** It cannot be known what is watched. */
  readonly unknown: () => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** A folder that was made just now is watched a moment later. */
const settleMs = 1000;
const shortestRestMs = 2000;
/** Of the time that a comparison takes: two in a hundred are spent on them at most. */
const factor = 50;

export function auditWatch(parts: WatchAuditParts): WatchAudit {
  const { tree, signal, now } = parts;
  const watched = new Map<string, { readonly watcher: FSWatcher; readonly identity: string }>();
  // A file system may have other numbers in it than it tells of its files: what is not found watched after it was watched
  // by us is left alone.
  const incomparable = new Set<string>();
  let isWanted = false;
  let running: Promise<void> | undefined;
  const pause = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal, ref: false }).catch(() => {
      // The signal is looked at where it matters.
    });

  const close = (folder: string): void => {
    watched.get(folder)?.watcher.close();
    watched.delete(folder);
  };
  // By its own name the end of a folder's watch is reported, as when its file system is unmounted: another one may have been
  // mounted since, under the same number of a mount.
  const begin = ({ path, identity }: UnwatchedFolder): void => {
    close(path);
    try {
      const watcher = watch(path, (_event, name) => {
        parts.told(path, name ?? undefined);
        if (name === basename(path)) request();
      });
      watcher.on('error', () => close(path));
      watched.set(path, { watcher, identity });
    } catch (error) {
      parts.failed(error);
    }
  };
  /** What is not there any more, or another folder, needs no watch of ours. */
  const tidy = async (): Promise<void> => {
    const identify = await identification();
    for (const [folder, { identity }] of watched) if ((await identify(folder)) !== identity) close(folder);
  };
  /** Resolves to how long it took to look at everything, in milliseconds. */
  const compare = async (): Promise<number> => {
    const begunAt = now();
    await tidy();
    const found = await unwatchedFolders(tree);
    const tookMs = now() - begunAt;
    await mend(found);
    return tookMs;
  };
  const mend = async (found: readonly UnwatchedFolder[] | undefined): Promise<void> => {
    if (found === undefined) parts.unknown();
    if (found === undefined || found.length === 0 || signal.aborted) return;
    await pause(settleMs);
    const missing = (await stillUnwatched(found)).filter((folder) => !incomparable.has(keyOf(folder)));
    if (missing.length === 0 || signal.aborted) return;
    for (const folder of missing) begin(folder);
    for (const folder of await stillUnwatched(missing)) incomparable.add(keyOf(folder));
    if (!signal.aborted) parts.missed(missing.length);
  };
  const run = async (): Promise<void> => {
    while (isWanted && !signal.aborted) {
      isWanted = false;
      const tookMs = await compare();
      await pause(Math.max(shortestRestMs, factor * tookMs));
    }
    running = undefined;
  };
  function request(): void {
    isWanted = true;
    running ??= run();
  }
  return {
    request,
    async ended() {
      await running;
      for (const folder of watched.keys()) close(folder);
    },
  };
}

function keyOf({ path, identity }: UnwatchedFolder): string {
  return `${identity} ${path}`;
}
