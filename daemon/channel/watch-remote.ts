// Watches what an inbound channel fetches: a few lines of Python on the instance tell when something changed, through a
// session of the shared connection. It tells only that, never what: a pass looks at everything. The watcher there ends
// with its standard input, so also with the connection.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { SshTransport } from '../portal/gateways.ts';
import { signalGroup } from './child.ts';
import { escaped, readLine } from './escaped-line.ts';

export interface RemoteWatch {
  /** Whether changes are told now. */
  isWatching(): boolean;
  isEnded(): boolean;
  /** Why they are not, once that is known. */
  trouble(): string | undefined;
  /** Resolves once nothing of it runs here. */
  close(): Promise<void>;
}

export interface RemoteWatchParts {
  readonly transport: SshTransport;
  /** As rsync is given it. */
  readonly path: string;
  readonly isRecursive: boolean;
  readonly environment: NodeJS.ProcessEnv;
  /** Something changed, or the watch began or ended: what happened in between was not told. */
  readonly changed: () => void;
  readonly ended: () => void;
}

// inotify by its numbers, which are the same on every Linux. 0xfce: modified, attributes, closed after writing, moved from
// and to, created, deleted, itself deleted and moved. Changes within 20 ms are told once.
const program = `
import ctypes, os, select, struct, sys, time
top, recursive = os.fsencode(sys.argv[1]), sys.argv[2] == "1"
if not os.path.isdir(top):
    sys.exit("missing")
libc = ctypes.CDLL(None, use_errno=True)
queue = libc.inotify_init()
if queue < 0:
    sys.exit("limit")
folders = {}
def add(folder):
    found = libc.inotify_add_watch(queue, ctypes.c_char_p(folder), 0xfce | 0x1000000)
    if found >= 0:
        folders[found] = folder
    elif ctypes.get_errno() in (24, 28):
        sys.exit("limit")
def add_all(folder):
    for inner in [entry[0] for entry in os.walk(folder)] if recursive else [folder]:
        add(inner)
def tell(word):
    os.write(1, word + b"\\n")
add_all(top)
tell(b"watching")
while True:
    ready = select.select([0, queue], [], [])[0]
    if 0 in ready and not os.read(0, 4096):
        break
    if queue not in ready:
        continue
    events, at = os.read(queue, 65536), 0
    while at < len(events):
        watch, mask, cookie, size = struct.unpack_from("iIII", events, at)
        name = events[at + 16:at + 16 + size].rstrip(b"\\0")
        at += 16 + size
        folder = folders.get(watch)
        if mask & 0x4000:
            add_all(top)
        elif folder is None:
            continue
        elif folder == top and mask & 0xc00:
            sys.exit("replaced")
        elif recursive and mask & 0x40000000 and mask & 0x180:
            add_all(os.path.join(folder, name))
    tell(b"changed")
    time.sleep(0.02)
`;

const script = [
  readLine('path'),
  readLine('recursive'),
  readLine('program'),
  'command -v python3 >/dev/null || { echo nothing >&2; exit 1; }',
  'exec python3 -c "$program" "$path" "$recursive"',
].join('; ');

const troubles: Readonly<Record<string, string>> = {
  limit:
    'the instance watches no more folders (raise fs.inotify.max_user_watches there); looking every delay instead',
  nothing: 'there is no python3 on the instance to watch with; looking every delay instead',
};

/** Begins to watch. Once it has ended by itself, it stays so: a new one may be begun. */
export function watchRemote({
  transport,
  path,
  isRecursive,
  environment,
  changed,
  ended,
}: RemoteWatchParts): RemoteWatch {
  const [ssh = '', ...words] = transport.command;
  const child = spawn(ssh, [...words, '--', transport.destination, `exec sh -c '${script}'`], {
    env: environment,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let isWatching = false;
  let isEnded = false;
  let trouble: string | undefined;
  child.stdin.on('error', () => {});
  child.stdin.write(`${escaped(path)}\n${isRecursive ? 1 : 0}\n${escaped(program)}\n`);
  child.stdout.on('data', () => {
    isWatching = true;
    changed();
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 1000) said += text;
    trouble = troubles[said.trim().split('\n').at(-1) ?? ''];
  });
  const exited = once(child, 'exit')
    .catch(() => undefined)
    .then(() => {
      isWatching = false;
      isEnded = true;
      child.stdout.destroy();
      ended();
      changed();
    });
  return {
    isWatching: () => isWatching,
    isEnded: () => isEnded,
    trouble: () => trouble,
    async close() {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) signalGroup(child.pid, 'SIGTERM');
      await exited;
      child.stderr.destroy();
    },
  };
}
