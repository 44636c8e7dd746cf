// The folder given with --state: everything on disk is below it, it is emptied at each start, and it serves one sandbox.
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { reasonOf } from './log.ts';

const mark = 'portal-sandbox';

/** Takes the folder, empties it and returns its parts. Throws a sentence if it is another's, or cannot be used. */
export async function prepareStateFolder(given: string) {
  const folder = resolve(given);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await holdAlone(folder);
    const names = await readdir(folder);
    if (names.length > 0 && !names.includes(mark)) {
      throw new Error("it holds files that are not the sandbox's; give --state an empty folder");
    }
    const text = `The state of a portal-sandbox, process ${process.pid}; emptied at each start.\n`;
    await writeFile(join(folder, mark), text);
    const parts = {
      disks: join(folder, 'disks'),
      instances: join(folder, 'instances'),
      toolbox: join(folder, 'toolbox'),
    };
    for (const part of Object.values(parts)) {
      await rm(part, { recursive: true, force: true });
      await mkdir(part);
    }
    return parts;
  } catch (error) {
    const reason = codeOf(error) === 'EEXIST' ? 'it is not a folder' : reasonOf(error);
    throw new Error(`Cannot keep the state in ${folder}: ${reason}.`, { cause: error });
  }
}

/**
 * Throws if a sandbox lives on the folder. The lock is the name of a socket that is no file (Linux only): the kernel
 * gives it to one process, and takes it back when that ends, however it ends.
 */
async function holdAlone(folder: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const { dev, ino } = await stat(folder);
  const holder = createServer((socket) => socket.destroy()).listen(`\0portal-sandbox ${dev} ${ino}`);
  try {
    await once(holder, 'listening');
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    const text = await readFile(join(folder, mark), 'utf8').catch(() => '');
    const pid = /process (\d+)/.exec(text)?.[1] ?? 'unknown';
    const sentence = `another sandbox (process ${pid}) runs on it; end that one or give --state another folder`;
    throw new Error(sentence, { cause: error });
  }
  holder.unref();
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
