// Processes of a fixture's folder that nobody owns: what a portald has started must end with it, or be ended by the next one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../fixture/eventually.ts';

/** Waits until nothing runs whose environment or words name the folder but what the fixture has started itself; throws with what does. */
export async function untilNoStrays(folder: string): Promise<void> {
  let last: readonly string[] = [];
  await eventually('nothing runs that nobody owns', () => {
    last = straysOf(folder);
    return last.length === 0 ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; there run:\n${last.join('\n')}`, { cause: error });
  });
}

function straysOf(folder: string): string[] {
  const kept = read(join(folder, 'pids')).split('\n');
  const strays: string[] = [];
  for (const id of readdirSync('/proc')) {
    if (!/^\d+$/.test(id) || kept.includes(id)) continue;
    const words = wordsOf(id);
    const isItsOwn = words.includes(folder) || read(`/proc/${id}/environ`).includes(folder);
    // The keeper ends with the fixture, a machine with the EC2 that runs it.
    if (isItsOwn && !words.includes(`keeper ${folder}`) && !isMachine(folder, id))
      strays.push(`${id}: ${words}`);
  }
  return strays;
}

function isMachine(folder: string, id: string): boolean {
  const parent = /^PPid:\s*(\d+)/m.exec(read(`/proc/${id}/status`))?.[1] ?? '0';
  if (parent === '0') return false;
  return wordsOf(parent).includes(`--state ${join(folder, 'sandbox')}`) || isMachine(folder, parent);
}

function wordsOf(id: string): string {
  return read(`/proc/${id}/cmdline`).replaceAll('\0', ' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended, or is not ours
  }
}
