// rsync by hand: of the whole tree, on each event or every second.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from './peer.ts';
import { destinationOf, shareConnection, sshCommand } from './peer-ssh.ts';
import type { Scene } from './sync-scene.ts';

export const rsyncOnEvent: Peer = {
  name: 'rsync of the tree on each event, shared connection',
  async start(scene, deletes) {
    const master = await shareConnection(scene);
    let isOver = false;
    let isChanged = true;
    let wake: () => void = () => {};
    const watcher = watch(scene.local, { recursive: true }, () => {
      isChanged = true;
      wake();
    });
    const running = (async () => {
      while (!isOver) {
        if (isChanged) {
          isChanged = false;
          await rsyncTree(scene, { deletes, isShared: true });
        } else await new Promise<void>((resolve) => (wake = resolve));
      }
    })();
    return {
      async [Symbol.asyncDispose]() {
        isOver = true;
        watcher.close();
        wake();
        await running;
        await master[Symbol.asyncDispose]();
      },
    };
  },
};

export const everySecond: Peer = {
  name: 'rsync over a new connection every second',
  start(scene, deletes) {
    const over = new AbortController();
    const running = (async () => {
      while (!over.signal.aborted) {
        await rsyncTree(scene, { deletes, isShared: false });
        await sleep(1000, undefined, { signal: over.signal }).catch(() => {});
      }
    })();
    return Promise.resolve({
      async [Symbol.asyncDispose]() {
        over.abort();
        await running;
      },
    });
  },
};

/** Runs `rsync -lpt` with `words`, source and destination of which are to be among them, over the scene's ssh. */
export async function rsync(
  scene: Scene,
  words: readonly string[],
  { isShared }: { isShared: boolean },
): Promise<void> {
  const shell = ['-e', sshCommand(scene, { isShared })];
  await once(spawn('rsync', ['-lpt', ...shell, ...words], { stdio: 'ignore' }), 'exit');
}

function rsyncTree(
  scene: Scene,
  { deletes, isShared }: { deletes: boolean; isShared: boolean },
): Promise<void> {
  const paths = [`${scene.local}/`, `${destinationOf(scene)}:${scene.remote}/`];
  return rsync(scene, ['-r', ...(deletes ? ['--delete'] : []), ...paths], { isShared });
}
