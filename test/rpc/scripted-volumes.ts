// The test's own volumes and snapshots: lists behind the real server, and what clients asked for.
import type { VolumeService } from '../../daemon/rpc/volume-service.ts';
import type { StoredSnapshotView, StoredVolumeView } from '../../protocol/stored-view.ts';

export interface ScriptedVolumes {
  readonly service: { -readonly [M in keyof VolumeService]: VolumeService[M] };
  volumes: readonly StoredVolumeView[];
  snapshots: readonly StoredSnapshotView[];
  /** What clients asked to be done, in order. */
  readonly asked: { readonly method: string; readonly request: object }[];
}

export function storedVolume(more: Partial<StoredVolumeView> = {}): StoredVolumeView {
  return {
    id: 'vol-00000001',
    name: '',
    sizeGiB: 8,
    state: 'available',
    isEncrypted: false,
    isOurs: true,
    tags: {},
    type: 'gp3',
    zone: 'eu-west-1a',
    attachments: [],
    ...more,
  };
}

export function storedSnapshot(more: Partial<StoredSnapshotView> = {}): StoredSnapshotView {
  return {
    id: 'snap-00000001',
    name: '',
    sizeGiB: 8,
    state: 'completed',
    isEncrypted: false,
    isOurs: true,
    tags: {},
    volumeId: 'vol-00000001',
    percent: 100,
    description: '',
    ...more,
  };
}

export function scriptedVolumes(): ScriptedVolumes {
  const asked: ScriptedVolumes['asked'] = [];
  const note = (method: string, request: object): void => void asked.push({ method, request });
  const scripted: ScriptedVolumes = {
    volumes: [],
    snapshots: [],
    asked,
    service: {
      list: ({ all }) =>
        Promise.resolve({ volumes: scripted.volumes.filter((one) => all === true || one.isOurs) }),
      listSnapshots: ({ all }) =>
        Promise.resolve({ snapshots: scripted.snapshots.filter((one) => all === true || one.isOurs) }),
      zones: () => Promise.resolve({ zones: ['eu-west-1a', 'eu-west-1b'] }),
      create(request) {
        note('create', request);
        return Promise.resolve({ volume: storedVolume({ zone: request.zone, name: request.name ?? '' }) });
      },
      update(request) {
        note('update', request);
        return Promise.resolve({ volume: storedVolume({ id: request.id }), isModified: true });
      },
      delete({ ids, isTrial }) {
        if (isTrial !== true) note('delete', { ids });
        const volumes = scripted.volumes.filter(({ id }) => ids.includes(id));
        const snapshots = scripted.snapshots.filter(({ id }) => ids.includes(id));
        return Promise.resolve({ volumes, snapshots, failed: [] });
      },
      snapshot(request) {
        note('snapshot', request);
        return Promise.resolve({ snapshot: storedSnapshot({ volumeId: request.id }) });
      },
    },
  };
  return scripted;
}
