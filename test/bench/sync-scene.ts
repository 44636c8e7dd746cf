// Where a synchronisation is measured: a local tree, an instance, and a relay between them that delays.
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import { startInstance } from '../remote/instance.ts';
import { type Relay, startRelay } from './relay.ts';

export interface SceneOptions {
  /** In the local tree from the beginning. */
  readonly files: number;
  readonly roundTripMs: number;
  /** Aborted when everything is to end. */
  readonly signal: AbortSignal;
}

export interface Scene extends AsyncDisposable {
  /** Everything of the scene; it ends with it. */
  readonly folder: string;
  readonly local: string;
  /** Empty at first. */
  readonly remote: string;
  /** By way of the relay. */
  readonly target: RemoteTarget;
  readonly relay: Relay;
  readonly roundTripMs: number;
  readonly signal: AbortSignal;
  /** Ends this with the scene, before its parts. */
  use(running: AsyncDisposable): void;
}

/** Sets up a scene. */
export async function startScene({ files, roundTripMs, signal }: SceneOptions): Promise<Scene> {
  signal.throwIfAborted();
  const instance = await startInstance();
  const relay = await startRelay(instance.target.port, roundTripMs);
  const local = join(instance.folder, 'local');
  const remote = join(instance.home, 'there');
  await Promise.all([mkdir(local), mkdir(remote)]);
  fill(local, files);
  const used: AsyncDisposable[] = [];
  return {
    folder: instance.folder,
    local,
    remote,
    target: { ...instance.target, port: relay.port },
    relay,
    roundTripMs,
    signal,
    use: (running) => void used.push(running),
    async [Symbol.asyncDispose]() {
      for (const running of used.toReversed()) await running[Symbol.asyncDispose]();
      await relay[Symbol.asyncDispose]();
      await instance[Symbol.asyncDispose]();
    },
  };
}

/** Twenty files a folder, twenty folders in the one above. */
function fill(folder: string, files: number): void {
  for (let index = 0; index < files; index++) {
    const inner = Math.floor(index / 20);
    const path = join(folder, `folder ${Math.floor(inner / 20)}`, `folder ${inner}`);
    if (index % 20 === 0) mkdirSync(path, { recursive: true });
    writeFileSync(join(path, `file ${index}`), String(index));
  }
}
