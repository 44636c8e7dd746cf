// One small file, saved again and again: how long until its new content is under its name on the other side.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until.ts';

export interface Pair {
  readonly local: string;
  readonly remote: string;
  readonly signal: AbortSignal;
}

export interface Saves {
  readonly saves: number;
  readonly pauseMs: number;
  /** Its number; another content than those before. */
  readonly first?: number;
  /** Ends them early. */
  readonly isOver?: () => boolean;
}

/** Saves 4 KiB into `work/saved`; resolves with the milliseconds until they are there, infinite when they get lost. */
export function saveArrives({ local, remote, signal }: Pair, index: number): Promise<number> {
  // Of another size each time: most take two saves of one size within a second for one.
  const content = `${index} `.padEnd(4096 + index, '.');
  mkdirSync(join(local, 'work'), { recursive: true });
  writeFileSync(join(local, 'work/saved'), content);
  return until(() => holds(join(remote, 'work/saved'), content), { signal });
}

/** Until a first save has arrived and everybody is at rest again. */
export async function settled(pair: Pair): Promise<void> {
  await saveArrives(pair, 0);
  await sleep(3000, undefined, { signal: pair.signal });
}

/** `saves` saves, each after a pause of about `pauseMs` that is no multiple of anybody's interval. */
export async function manySaves(
  pair: Pair,
  { saves, pauseMs, first = 1, isOver = () => false }: Saves,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = first; index < first + saves && !isOver(); index++) {
    times.push(await saveArrives(pair, index));
    await sleep(pauseMs + (index % 7) * 31, undefined, { signal: pair.signal });
  }
  return times;
}

function holds(path: string, content: string): boolean {
  try {
    return readFileSync(path, 'utf8') === content;
  } catch {
    return false;
  }
}
