// What goes wrong in the middle of a synchronisation.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceOptions } from '../remote/instance.ts';
import type { ChannelBench } from './channel-bench.ts';
import { hasBegun, killAll, processesHere, processesThere } from './slow-rsync.ts';
import type { SmallDisk } from './small-disk.ts';

export interface Place {
  readonly bench: ChannelBench;
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
  /** Without `delete` a temporary file is left of it, as of any rsync. */
  readonly deletes?: boolean;
}

function killed(where: 'here' | 'on the instance', signal: 'SIGTERM' | 'SIGKILL'): Fault {
  return {
    name: `rsync gets ${signal} ${where}`,
    async happen({ bench, to }) {
      await hasBegun(to);
      killAll((where === 'here' ? processesHere : processesThere)(bench, 'rsync'), signal);
    },
    // Which of its processes ends first, and what is said of it, is chance.
    told: /./,
    lasts: false,
    end: () => {},
    deletes: signal === 'SIGKILL',
  };
}

/** The file that cannot be read, or the folder that cannot be written to. */
function forbidden({ direction, from, to }: Place): { path: string; mode: number } {
  return direction === 'in' ? { path: join(from, 'large'), mode: 0o644 } : { path: to, mode: 0o755 };
}

const connectionLost: Fault = {
  name: 'the connection is lost',
  async happen({ bench, from, to }) {
    await hasBegun(to);
    await bench.instance.stop();
    writeFileSync(join(from, 'later'), 'it is told at the latest when this is to go');
  },
  told: /connect|closed/i,
  lasts: true,
  end: ({ bench }) => bench.instance.start(),
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

/** The modes of files mean something to nobody, not to root. */
const permissionDenied: Fault = {
  name: 'it is not permitted on the instance',
  instance:
    process.getuid?.() === 0 ? { shell: 'setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh' } : {},
  happen: (place) => chmodSync(forbidden(place).path, 0),
  told: /Permission denied.*give the login user the right/,
  lasts: true,
  end(place) {
    const { path, mode } = forbidden(place);
    chmodSync(path, mode);
  },
};

export const faults: readonly Fault[] = [
  connectionLost,
  ...(['here', 'on the instance'] as const).flatMap((where) =>
    (['SIGTERM', 'SIGKILL'] as const).map((signal) => killed(where, signal)),
  ),
  diskFull,
  readOnly,
  permissionDenied,
];
