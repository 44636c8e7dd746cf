// Two folders, the batches that an rsync makes of one, and what is applied of them to the other.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyBatches, type BatchApplier } from '../../daemon/channel/apply-batches.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { processesWith } from '../fixture/processes.ts';

export const protocol = 31;

export interface Place extends Disposable {
  readonly there: string;
  readonly here: string;
  /** Where batches are staged. */
  readonly stages: string;
  /** Nothing may reach it. */
  readonly outside: string;
  /** What an rsync makes of these names. */
  batch(names: readonly string[], flags?: readonly string[]): Buffer;
}

export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'portald-batches-'));
  const [there = '', here = '', outside = '', empty = '', stages = ''] = [
    'there',
    'here',
    'outside',
    'empty',
    'stages',
  ].map((name) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  });
  return {
    there,
    here,
    outside,
    stages,
    batch(names, flags = ['-lptWRI']) {
      const file = join(folder, 'batch');
      const fixed = ['--files-from=-', '--from0', `--protocol=${protocol}`, '--checksum-choice=md5'];
      const words = [...flags, ...fixed, `--only-write-batch=${file}`, '--', `${there}/`, `${empty}/`];
      execFileSync('rsync', words, { input: names.map((name) => `./${name}\0`).join('') });
      return readFileSync(file);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** For an inbound channel from `there/`, changed as wished. */
export function applierIn(
  { here, stages }: Place,
  channel: Partial<ChannelSpecification> = {},
  coversOwnFiles = true,
): BatchApplier {
  const whole: ChannelSpecification = {
    direction: 'in',
    local_path: `${here}/`,
    remote_path: '~/there/',
    recursive: true,
    ...channel,
  };
  return applyBatches(
    {
      channel: whole,
      localRoot: `${here}/`,
      protocol,
      coversOwnFiles: () => Promise.resolve(coversOwnFiles),
    },
    { folder: stages, environment: process.env, now: Date.now },
  );
}

/** Gives a batch to the applier in small pieces; resolves to the outcome. */
export async function give(applier: BatchApplier, batch: Buffer): Promise<string> {
  await applier.begin();
  for (let at = 0; at < batch.length; at += 1000) await applier.take(batch.subarray(at, at + 1000));
  return applier.end(0);
}

/** Applies them one after the other; the outcomes. */
export async function apply(
  place: Place,
  batches: readonly Buffer[],
  channel: Partial<ChannelSpecification> = {},
): Promise<string[]> {
  const applier = applierIn(place, channel);
  const outcomes: string[] = [];
  for (const batch of batches) outcomes.push(await give(applier, batch));
  await applier.close();
  assert.deepEqual(processesWith(place.stages), []);
  assert.deepEqual(readdirSync(place.stages), []);
  return outcomes;
}

/** The same bytes with one text for another of its length, which must be there. */
export function replaced(batch: Buffer, from: string, to: string): Buffer {
  const at = batch.indexOf(from);
  assert.ok(at >= 0, `${from} is in the batch`);
  const copy = Buffer.from(batch);
  copy.write(to, at);
  return copy;
}
