// What brings changes over.
import type { Scene } from './sync-scene.ts';

export interface Peer {
  readonly name: string;
  /** Keeps `scene.remote` like `scene.local`, deletions included if `deletes`. */
  start(scene: Scene, deletes: boolean): Promise<AsyncDisposable>;
}
