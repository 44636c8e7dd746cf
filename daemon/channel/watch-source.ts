// Watches what an outbound channel sends, and tells what may have changed, as it was seen. What it cannot tell by a path
// it tells as a change of anything.
// The only file that imports chokidar.
import { access, constants, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FSWatcher, watch } from 'chokidar';
import { auditWatch, type WatchAudit } from './audit-watch.ts';
import type { Change } from './changed-files.ts';
import { lookAt } from './local-source.ts';
import { mountPointsIn } from './mount-points.ts';

export interface SourceWatch {
  /** Why changes are not told; undefined while they are. */
  trouble(): string | undefined;
  /** Compares what is watched with what there is, in its own time; `changed` is called if anything was missing. */
  audit(): void;
  /** How many folders were found not to be watched, though they should have been. */
  missed(): number;
  /** Resolves once nothing is watched. Idempotent. */
  close(): Promise<void>;
}

export interface Source {
  readonly path: string;
  readonly isRecursive: boolean;
  /** Resolves to what tells of a folder below it, by its path relative to the source: nothing in it is ever sent. */
  readonly excluded: () => Promise<(folder: string) => boolean>;
}

type Watch = typeof watch;

interface Watched {
  readonly watcher: FSWatcher;
  readonly audit: WatchAudit;
  /** Ends the audit. */
  readonly ended: AbortController;
  /** Where file systems are mounted below it, as it was seen last. */
  mountPoints: string;
  readonly place: Place;
  /** Folders that we may not read, which no pass can either. */
  readonly unreadable: ReadonlySet<string>;
}

interface ToWatch extends Pick<Watched, 'place' | 'mountPoints'> {
  readonly isExcluded: (folder: string) => boolean;
}

/** What is watched: the source itself if it is a folder, else the folder that it is in or will be in. */
interface Place {
  /** Without links. */
  readonly path: string;
  /** The source, as it is named in that folder. */
  readonly source: string;
  readonly isSource: boolean;
  /** Of the watched folder; another folder, or another file system, may come in its place. */
  readonly inode: number;
  readonly fileSystem: number;
}

/** Nobody tells that a link on the way to the source leads elsewhere now, or a folder above it was replaced. */
const lookMs = 2000;

/** So many looks after a watch that failed, it is tried again. */
const looksToRenew = 150;

/**
 * Watches `path`, whether it exists yet or not. `changed` is called once more when the watch is ready, since what
 * happened before is not told.
 */
export function watchSource(
  { path, isRecursive, excluded }: Source,
  now: () => number,
  changed: (change?: Change) => void,
): SourceWatch {
  let current: Watched | undefined;
  let trouble: string | undefined;
  let isClosed = false;
  let isChecking = false;
  let looks = 0;
  let missed = 0;
  let turn: Promise<void> = Promise.resolve();

  const mountPointsBelow = async ({ isSource, path }: Place): Promise<string> =>
    isSource && isRecursive ? mountPointsIn(path) : '';
  /** Watches anew what is there now; one at a time. */
  const renew = (): void => {
    looks = 0;
    turn = turn.then(async () => {
      current?.ended.abort();
      await current?.watcher.close();
      await current?.audit.ended();
      if (isClosed) current = undefined;
      else {
        const place = await placeOf(path);
        // Read before it is watched: what is mounted in between is noticed later.
        const mountPoints = await mountPointsBelow(place);
        current = begin(await loadWatch(), { place, mountPoints, isExcluded: await excluded() });
      }
    });
  };
  const begin = (watch: Watch, { place, mountPoints, isExcluded }: ToWatch): Watched => {
    const unreadable = new Set<string>();
    const ended = new AbortController();
    let problem: string | undefined;
    /** What stopped the reader of a folder: what is beside it may not be watched. */
    let obstacle: unknown;
    let isReady = false;
    const watcher = watch(place.path, {
      ignoreInitial: true,
      followSymlinks: false,
      atomic: false,
      // Its watches of folders tell of the files in them: it need not keep every file in mind.
      ignored: (found, stats) =>
        stats !== undefined &&
        (!stats.isDirectory() ||
          (place.isSource && found !== place.path && isExcluded(relative(place.path, found)))),
      ...(!(place.isSource && isRecursive) && { depth: 0 }),
    });
    const tell = (path?: string, child?: string): void => {
      if (path === undefined) changed();
      else if (place.isSource) {
        changed({ path: relative(place.path, path), ...(child !== undefined && { child }) });
      } else if (leadsToSource(path, child)) changed({ path: '' });
      void check();
    };
    /** Beside a source that is a file, or is not there yet, lies much that is none of ours. */
    const leadsToSource = (changedPath: string, child?: string): boolean => {
      const { source } = place;
      const named = child === undefined || changedPath === source ? changedPath : join(changedPath, child);
      const isFolderItself = named === place.path;
      return isFolderItself || named === source || source.startsWith(`${named}/`);
    };
    watcher.on('all', (_event, changedPath) => tell(changedPath));
    const audit = auditWatch({
      tree: {
        top: place.path,
        isRecursive: place.isSource && isRecursive,
        isExcluded: (folder) => place.isSource && isExcluded(folder),
      },
      signal: ended.signal,
      now,
      told: tell,
      failed(error) {
        trouble = problem = troubleOf(error);
      },
      missed(folders) {
        missed += folders;
        changed();
      },
      unknown() {
        if (obstacle !== undefined) trouble = problem = troubleOf(obstacle);
      },
    });
    watcher.on('ready', () => {
      isReady = true;
      trouble = problem;
      if (obstacle !== undefined) audit.request();
      tell();
    });
    // `raw` comes first, and tells also of changed modes and of events that chokidar joins.
    watcher.on('raw', (_event, name, details) => {
      const { watchedPath } = details as { watchedPath?: unknown };
      if (typeof watchedPath !== 'string') tell();
      else {
        tell(watchedPath, typeof name === 'string' ? name : undefined);
        // It may be the end of this watch (audit-watch.ts).
        if (name === basename(watchedPath)) audit.request();
      }
    });
    watcher.on('error', (error) => {
      const { code, path: of } = error as { code?: unknown; path?: unknown };
      // rsync cannot read it either, and says so.
      if ((code === 'EACCES' || code === 'EPERM') && typeof of === 'string') unreadable.add(of);
      else if (typeof of === 'string' && !isLimit(code)) {
        // A link that leads through a file, or has a name that is too long: none of it can be watched, but what is beside it.
        obstacle = error;
        if (isReady) audit.request();
      } else trouble = problem = troubleOf(error);
      changed();
    });
    return { watcher, place, unreadable, audit, ended, mountPoints };
  };
  /** When the source came, went or was replaced, something else is to be watched. */
  const check = async (): Promise<void> => {
    if (isChecking || isClosed || current === undefined) return;
    isChecking = true;
    const checked = current;
    const place = await placeOf(path);
    const isReadable = await isAnyReadable(checked.unreadable);
    const mountPoints = await mountPointsBelow(place);
    isChecking = false;
    if (isClosed || checked !== current) return;
    if (isReadable || !isDeepStrictEqual(place, checked.place)) renew();
    else if (mountPoints !== checked.mountPoints) {
      checked.audit.request();
      changed();
    }
    checked.mountPoints = mountPoints;
  };
  const look = (): void => {
    looks++;
    if (trouble !== undefined && looks >= looksToRenew) renew();
    else void check();
  };

  renew();
  const timer = setInterval(look, lookMs);
  return {
    trouble: () => trouble,
    audit: () => current?.audit.request(),
    missed: () => missed,
    async close() {
      isClosed = true;
      clearInterval(timer);
      renew();
      await turn;
    },
  };
}

/** Loaded when there is something to watch, not at every start. */
async function loadWatch(): Promise<Watch> {
  return (await import('chokidar')).watch;
}

async function placeOf(path: string): Promise<Place> {
  const source = await lookAt(path);
  // It may go away between the two looks.
  const real = source.kind === 'folder' ? await realpath(path).catch(() => undefined) : undefined;
  if (real !== undefined) {
    const { inode, fileSystem } = source;
    return { path: real, source: real, isSource: true, inode, fileSystem };
  }
  const named = await nearestFolder(path);
  const folder = await realpath(named).catch(() => named);
  const { inode, fileSystem } = await lookAt(folder);
  return {
    path: folder,
    source: join(folder, relative(named, path)),
    isSource: false,
    inode,
    fileSystem,
  };
}

/** The folder in which `path` is, or the next one above that exists. */
async function nearestFolder(path: string): Promise<string> {
  const folder = dirname(path);
  if (folder === path || (await lookAt(`${folder}/`)).kind === 'folder') return folder;
  return nearestFolder(folder);
}

async function isAnyReadable(folders: ReadonlySet<string>): Promise<boolean> {
  for (const folder of folders) {
    const isReadable = await access(folder, constants.R_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isReadable) return true;
  }
  return false;
}

function isLimit(code: unknown): boolean {
  return code === 'ENOSPC' || code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM';
}

function troubleOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (isLimit(code)) {
    return `too many folders to watch (${code}; raise fs.inotify.max_user_watches); looking every delay instead`;
  }
  return `watching failed (${code || String(error)}); looking every delay instead`;
}
