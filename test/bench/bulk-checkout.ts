// `git checkout` of another branch: thousands of files change, come and go at once.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Peer } from './peer.ts';
import { isEqual, isSame } from './same-tree.ts';
import type { SyncRun } from './sync-run.ts';
import { startScene } from './sync-scene.ts';
import { until } from './until.ts';

/** What two branches differ in, of so many files together. */
export const branches = { files: 6000, changed: 2000, onlyFirst: 500, onlySecond: 500 } as const;

const lostMs = 120_000;

/**
 * Milliseconds from the beginning of each checkout until the trees are equal, there and back in turn; without a peer,
 * git's own.
 */
export async function checkouts(
  peer: Peer | undefined,
  roundTripMs: number,
  { repeats, signal }: SyncRun,
): Promise<number[]> {
  await using scene = await startScene({ files: 0, roundTripMs, signal });
  const { local, remote } = scene;
  const git = ['--git-dir', join(scene.folder, 'repository'), '--work-tree', local];
  const differing = makeBranches(git, local);
  const checkOut = (branch: string): Promise<unknown> =>
    promisify(execFile)('git', [...git, 'checkout', '-q', branch], { signal });
  await checkOut('first');
  if (peer !== undefined) scene.use(await peer.start(scene, true));
  const equal = (since: number): Promise<number> =>
    until(areEqual(local, remote, differing), { signal, since, lostMs, everyMs: 5 });
  if (peer !== undefined) await equal(performance.now());
  const times: number[] = [];
  for (let index = 1; index <= repeats; index++) {
    await sleep(3000, undefined, { signal });
    const since = performance.now();
    await checkOut(index % 2 === 1 ? 'second' : 'first');
    times.push(peer === undefined ? performance.now() - since : await equal(since));
  }
  return times;
}

/** Path by path of what differs, each until it is the same; then everything. */
function areEqual(local: string, remote: string, differing: readonly string[]): () => boolean {
  let seen = 0;
  return () => {
    while (seen < differing.length) {
      const name = differing[seen] ?? '';
      if (!isSame(join(local, name), join(remote, name))) return false;
      seen++;
    }
    return isEqual(local, remote);
  };
}

/** Commits both branches; resolves with the names in which they differ. */
function makeBranches(git: readonly string[], local: string): string[] {
  const { files, changed, onlyFirst, onlySecond } = branches;
  const run = (...words: string[]): void => {
    const identity = [
      '-c',
      'user.name=bench',
      '-c',
      'user.email=bench@localhost',
      '-c',
      'gc.auto=0',
      '-c',
      'core.fsync=none',
    ];
    execFileSync('git', [...identity, ...git, ...words], { stdio: 'ignore' });
  };
  const nameOf = (index: number): string => `folder ${index % 150}/file ${index}`;
  const write = (index: number, branch: string): void => {
    const text = `${branch} ${index}\n`.repeat(10 + ((index * 37) % 200));
    writeFileSync(join(local, nameOf(index)), text);
    // Some are programs on one branch and not on the other.
    if (index % 40 === 0) chmodSync(join(local, nameOf(index)), branch === 'second' ? 0o755 : 0o644);
  };
  const commit = (branch: string): void => {
    run('add', '-A');
    run('commit', '-q', '-m', branch);
  };
  for (let index = 0; index < 150; index++) mkdirSync(join(local, `folder ${index}`));
  run('init', '-q', '-b', 'first');
  for (let index = 0; index < files - onlySecond; index++) write(index, 'first');
  commit('first');
  run('checkout', '-q', '-b', 'second');
  for (let index = 0; index < changed; index++) write(index, 'second');
  for (let index = files - onlySecond; index < files; index++) write(index, 'second');
  for (let index = changed; index < changed + onlyFirst; index++) rmSync(join(local, nameOf(index)));
  commit('second');
  return Array.from({ length: files }, (_, index) => nameOf(index)).filter(
    (_, index) => index < changed + onlyFirst || index >= files - onlySecond,
  );
}
