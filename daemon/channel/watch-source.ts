// Watches what an outbound channel sends, and tells what may have changed, as it was seen. What it cannot tell by a path
// it tells as a change of anything.
// The only file that imports chokidar.
import { realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { FSWatcher, watch } from 'chokidar';
import type { Change } from './changed-files.ts';
import { lookAt } from './local-source.ts';

export interface SourceWatch {
  /** Why changes are not told; undefined while they are. */
  trouble(): string | undefined;
  /** Resolves once nothing is watched. Idempotent. */
  close(): Promise<void>;
}

type Watch = typeof watch;

interface Watched {
  readonly watcher: FSWatcher;
  readonly place: Place;
}

/** What is watched: the source itself if it is a folder, else the folder that it is in or will be in. */
interface Place {
  readonly path: string;
  readonly isSource: boolean;
  /** Of the watched folder; another folder may come in its place. */
  readonly inode: number;
}

/**
 * Watches `path`, whether it exists yet or not. `changed` is called once more when the watch is ready, since what
 * happened before is not told.
 */
export function watchSource(
  path: string,
  isRecursive: boolean,
  changed: (change?: Change) => void,
): SourceWatch {
  let current: Watched | undefined;
  let trouble: string | undefined;
  let isClosed = false;
  let isChecking = false;
  let turn: Promise<void> = Promise.resolve();

  /** Watches anew what is there now; one at a time. */
  const renew = (): void => {
    turn = turn.then(async () => {
      await current?.watcher.close();
      if (isClosed) current = undefined;
      else current = begin(await loadWatch(), await placeOf(path));
    });
  };
  const begin = (watch: Watch, place: Place): Watched => {
    const watcher = watch(place.path, {
      ignoreInitial: true,
      followSymlinks: false,
      atomic: false,
      // Its watches of folders tell of the files in them: it need not keep every file in mind.
      ignored: (_path, stats) => stats !== undefined && !stats.isDirectory(),
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
      const named = child === undefined || changedPath === path ? changedPath : join(changedPath, child);
      const isFolderItself = named === place.path;
      return isFolderItself || named === path || path.startsWith(`${named}/`);
    };
    watcher.on('all', (_event, changedPath) => tell(changedPath)).on('ready', () => tell());
    // `raw` comes first, and tells also of changed modes and of events that chokidar joins.
    watcher.on('raw', (_event, name, details) => {
      const { watchedPath } = details as { watchedPath?: unknown };
      if (typeof watchedPath !== 'string') tell();
      else tell(watchedPath, typeof name === 'string' ? name : undefined);
    });
    watcher.on('error', (error) => {
      trouble = troubleOf(error);
      changed();
    });
    return { watcher, place };
  };
  /** When the source came, went or was replaced, something else is to be watched. */
  const check = async (): Promise<void> => {
    if (isChecking || isClosed) return;
    isChecking = true;
    const checked = current;
    const place = await placeOf(path);
    isChecking = false;
    if (checked === undefined || checked !== current) return;
    const { isSource, inode } = checked.place;
    if (place.path === checked.place.path && place.isSource === isSource && place.inode === inode) return;
    if (!isClosed) renew();
  };

  renew();
  return {
    trouble: () => trouble,
    async close() {
      isClosed = true;
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
  if (real !== undefined) return { path: real, isSource: true, inode: source.inode };
  const folder = await nearestFolder(path);
  return { path: folder, isSource: false, inode: (await lookAt(folder)).inode };
}

/** The folder in which `path` is, or the next one above that exists. */
async function nearestFolder(path: string): Promise<string> {
  const folder = dirname(path);
  if (folder === path || (await lookAt(`${folder}/`)).kind === 'folder') return folder;
  return nearestFolder(folder);
}

function troubleOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EMFILE') {
    return `too many folders to watch (${code}; raise fs.inotify.max_user_watches); looking every delay instead`;
  }
  return `watching failed (${code || String(error)}); looking every delay instead`;
}
