// What goes wrong in the middle of a synchronisation.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceOptions } from '../remote/instance.ts';
import type { ChannelFixture } from './channel-fixture.ts';
import { hasBegun, killAll, processesHere, processesThere, slowRsync } from './slow-rsync.ts';
import type { SmallDisk } from './small-disk.ts';

export interface Place {
  readonly fixture: ChannelFixture;
  readonly direction: 'in' | 'out';
  /** Folders on the sending and on the receiving side. */
  readonly from: string;
  readonly to: string;
  /** Of a few MB, at `to`, for the faults that want one. */
  readonly disk: SmallDisk | undefined;
}

export interface Fault {
  readonly name: string;
  readonly instance?: InstanceOptions;
  readonly wantsDisk?: boolean;
  /** `large` was or is about to be saved; resolves when it has happened. */
  readonly happen: (place: Place) => Promise<void> | void;
  /** What is told of it, with what to do. */
  readonly told: RegExp;
  /** It lasts until `end`; else saves that go by the short way may be over it before anybody is told. */
  readonly lasts: boolean;
  readonly end: (place: Place) => Promise<void> | void;
}

function killed(where: 'here' | 'on the instance', signal: 'SIGTERM' | 'SIGKILL'): Fault {
  return {
    name: `rsync gets ${signal} ${where}`,
    async happen({ fixture, to }) {
      await hasBegun(to);
      killAll((where === 'here' ? processesHere : processesThere)(fixture, 'rsync'), signal);
    },
    // Which of its processes ends first, and what is said of it, is chance.
    told: /./,
    lasts: false,
    end: () => {},
  };
}

/** The file that cannot be read, or the folder that cannot be written to, on one side. */
function forbidden(
  { direction, from, to }: Place,
  where: 'here' | 'on the instance',
): { path: string; mode: number } {
  const isSource = (direction === 'out') === (where === 'here');
  return isSource ? { path: join(from, 'large'), mode: 0o644 } : { path: to, mode: 0o755 };
}

const connectionLost: Fault = {
  name: 'the connection is lost',
  async happen({ fixture, from, to }) {
    await hasBegun(to);
    await fixture.instance.stop();
    writeFileSync(join(from, 'later'), 'it is told at the latest when this is to go');
  },
  told: /connect|closed/i,
  lasts: true,
  end: ({ fixture }) => fixture.instance.start(),
};

const diskFull: Fault = {
  name: 'the disk is full',
  wantsDisk: true,
  happen: () => {},
  told: /No space left on device.*free space/,
  lasts: true,
  end: ({ disk }) => disk?.grow(),
};

const readOnly: Fault = {
  name: 'the file system is read-only',
  wantsDisk: true,
  happen({ disk }) {
    disk?.grow();
    disk?.protect();
  },
  told: /Read-only file system.*make it writable/,
  lasts: true,
  end: ({ disk }) => disk?.unprotect(),
};

const isRoot = process.getuid?.() === 0;

/** The modes of files mean nothing to root: whoever runs rsync is nobody there, or root without that right here. */
const withoutRights = {
  here: {
    programs: {
      rsync: slowRsync.rsync.replace(
        'exec rsync',
        'exec setpriv --bounding-set=-dac_override,-dac_read_search rsync',
      ),
    },
  },
  'on the instance': { shell: 'setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh' },
};

function permissionDenied(where: 'here' | 'on the instance'): Fault {
  const user = where === 'here' ? 'the user of portald' : 'the login user';
  return {
    name: `it is not permitted ${where}`,
    instance: isRoot ? withoutRights[where] : {},
    happen: (place) => chmodSync(forbidden(place, where).path, 0),
    told: new RegExp(`Permission denied.*give ${user} the right`),
    lasts: true,
    end(place) {
      const { path, mode } = forbidden(place, where);
      chmodSync(path, mode);
    },
  };
}

export const faults: readonly Fault[] = [
  connectionLost,
  ...(['here', 'on the instance'] as const).flatMap((where) =>
    (['SIGTERM', 'SIGKILL'] as const).map((signal) => killed(where, signal)),
  ),
  diskFull,
  readOnly,
  ...(['here', 'on the instance'] as const).map(permissionDenied),
];
