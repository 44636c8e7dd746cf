// How the parting from an instance is told: by what the portal has, its channels and its volumes. Pure.
import type { Specification } from '../../protocol/specification/schema.ts';

export interface PartingWords {
  /** What is done first. */
  readonly what: string;
  /** What comes then. */
  readonly reason: string;
  /** Told when it is over; undefined if there was nothing to part from. */
  readonly done: string | undefined;
}

export function partingWords({
  channels,
  persistent_volumes: volumes,
}: Pick<Specification, 'channels' | 'persistent_volumes'>): PartingWords {
  const unmounted = volumes.length === 0 ? 'then the instance is ended' : 'then the volumes are unmounted';
  const done = volumes.length > 0 ? 'has let the volumes go' : undefined;
  if (channels.length > 0) {
    return {
      what: 'last synchronisation',
      reason: unmounted,
      done: done ?? 'was synchronised for the last time',
    };
  }
  if (volumes.length > 0)
    return { what: 'unmounting the volumes', reason: 'then the instance is ended', done };
  return { what: 'leaving the instance', reason: 'then it is ended', done };
}
