// A disk whose power may fail at any moment. Everything is really written; beside it, it is kept what would be left of a
// folder: a file's text since its last flush, a folder's names since theirs, and everything unflushed perhaps.
import { readFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';

/** What may be found by name after a power loss; undefined: no such file. */
type Remains = ReadonlyMap<string, ReadonlySet<string | undefined>>;

export interface PowerLoss {
  /** What each moment so far would have left in the folder, the first moment first. */
  readonly moments: readonly Remains[];
  /** Folders made anywhere that a power loss would take back, with all that is in them. */
  unsureFolders(): string[];
  end(): void;
}

/** Watches all writing to `folder` by this process. */
export function watchForPowerLoss(folder: string): PowerLoss {
  const { open, rename, mkdir } = files;
  const unsure = new Set<string>();
  /** Text of a file that is sure to be on disk, by its handle's path as it was opened. */
  const flushed = new Map<string, string>();
  /** Names whose text is sure, and what they may be as well. */
  const sure = new Map<string, string | undefined>();
  const perhaps = new Map<string, (string | undefined)[]>();
  const moments: Remains[] = [];
  const note = (): void => {
    const names = new Set([...sure.keys(), ...perhaps.keys()]);
    moments.push(
      new Map([...names].map((name) => [name, new Set([sure.get(name), ...(perhaps.get(name) ?? [])])])),
    );
  };

  files.open = async (...words: Parameters<typeof open>) => {
    const handle = await open(...words);
    const path = String(words[0]);
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      await sync();
      if (dirname(path) === folder) flushed.set(path, readFileSync(path, 'utf8'));
      for (const made of unsure) if (dirname(made) === path) unsure.delete(made);
      if (path !== folder) return;
      for (const [name, texts] of perhaps) sure.set(name, texts.at(-1));
      perhaps.clear();
      note();
    };
    return handle;
  };
  files.rename = async (from, to) => {
    await rename(from, to);
    if (dirname(String(to)) !== folder) return;
    const name = basename(String(to));
    // The name may come to the disk before the text does: then the file is empty.
    perhaps.set(name, [...(perhaps.get(name) ?? []), flushed.get(String(from)) ?? '']);
    note();
  };
  const made: (path: string, options?: object) => Promise<undefined> = async (path, options) => {
    await mkdir(path, options);
    unsure.add(path);
  };
  Object.assign(files, { mkdir: made });
  syncBuiltinESMExports();
  return {
    moments,
    unsureFolders: () => [...unsure],
    end() {
      Object.assign(files, { open, rename, mkdir });
      syncBuiltinESMExports();
    },
  };
}
