// The few lines of Python that run on the instance for an inbound channel: they watch its source, and send what changed by
// rsyncs that wait there for names. Arguments: folder, 1 for all below it, 1 if removals matter, rsync's protocol (0: tell only),
// delay in seconds, what rsync has before the names, and the rules by which names are excluded, as JSON.
//
// It writes lines: `watching`; `changed`, when everything is to be looked at; `batch FILES BYTES`, then `data LENGTH` with so
// many bytes after it, as often as needed, and `end CODE` with rsync's. It ends with its standard input.
import { common } from './batch-arguments.ts';
import { largestBytes } from './changed-files.ts';
import { mostNames } from './pending.ts';

// inotify by its numbers, which are the same on every Linux. 0xfce: modified, attributes, closed after writing, moved from
// and to, created, deleted, itself deleted and moved.
export const watchProgram = `
import ctypes, json, os, re, select, shutil, signal, stat, struct, subprocess, sys, tempfile, time
top, recursive, deletes = os.fsencode(sys.argv[1]), sys.argv[2] == "1", sys.argv[3] == "1"
protocol, delay = sys.argv[4], float(sys.argv[5])
prefix, rules = os.fsencode(sys.argv[6]), json.loads(sys.argv[7])
for rule in rules:
    rule["pattern"] = re.compile(b"(?:" + rule["source"].encode("latin-1") + b")\\Z", re.S)
if not os.path.isdir(top):
    sys.exit("file" if os.path.exists(top) else "missing")
# What waits ends, and its folder goes, by a signal as by the end of the input.
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
libc = ctypes.CDLL(None, use_errno=True)
queue = libc.inotify_init1(0o2000000)
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
def tell(data):
    while data:
        data = data[os.write(1, data):]

def listen():
    if not os.read(0, 4096):
        sys.exit()

# One that is left alone would wait for ever: it is killed when this program is (prctl 1: PR_SET_PDEATHSIG), also if that was
# a moment ago.
def tie(parent):
    libc.prctl(1, 9)
    if os.getppid() != parent:
        os._exit(1)
class Writer:
    def __init__(self, place):
        self.place = place
        os.makedirs(place + "/empty")
        os.mkfifo(place + "/batch")
        self.batch = os.open(place + "/batch", os.O_RDONLY | os.O_NONBLOCK)
        self.child = subprocess.Popen(["rsync"] + "${common.join(' ')} --files-from=- --from0".split()
            + ["--protocol=" + protocol, "--checksum-choice=md5", "--only-write-batch=" + place + "/batch", "--"]
            + [os.path.join(top, b""), place + "/empty/"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=lambda parent=os.getpid(): tie(parent))
    # With all the folders that they lie in: there are none yet where they are read, and what came into one changed its time.
    def send(self, names):
        folders = {b"."}
        for name in names:
            folder = os.path.dirname(name)
            while folder and folder not in folders:
                folders.add(folder)
                folder = os.path.dirname(folder)
        self.child.stdin.write(b"".join(b"./" + name + b"\\0" for name in [*folders, *names]))
        self.child.stdin.close()
        ended = False
        while True:
            try:
                data = os.read(self.batch, 65536)
            except BlockingIOError:
                data = None
            if data:
                tell(b"data %d\\n" % len(data) + data)
            elif ended:
                break
            else:
                ended = self.child.poll() is not None
                if 0 in select.select([0] + ([self.batch] if data is None else []), [], [], 0.001)[0]:
                    listen()
        tell(b"end %d\\n" % self.child.returncode)
    def close(self):
        self.child.kill()
        self.child.stdin.close()
        self.child.wait()
        os.close(self.batch)
        shutil.rmtree(self.place, True)

names, everything, first, last, began, ended, count = set(), False, 0, 0, -1e9, -1e9, 0
def mark():
    global first, last
    last = time.monotonic()
    if not names and not everything:
        first = last
def note(events):
    global everything
    mark()
    at = 0
    while at < len(events):
        watch, mask, cookie, size = struct.unpack_from("iIII", events, at)
        name = events[at + 16:at + 16 + size].rstrip(b"\\0")
        at += 16 + size
        folder = folders.get(watch)
        if mask & 0x4000:
            add_all(top)
            everything = True
        elif folder is None or mask & 0x8000:
            continue
        elif folder == top and mask & 0xc00:
            sys.exit("replaced")
        elif mask & 0xe40:
            everything = everything or deletes
        elif mask & 0x40000000 or not name:
            if recursive and mask & 0x40000000 and mask & 0x180:
                add_all(os.path.join(folder, name))
            everything = True
        else:
            names.add(os.path.relpath(os.path.join(folder, name), top))
def excluded(name):
    parts = (prefix + name).split(b"/")
    for index, part in enumerate(parts):
        is_folder = index < len(parts) - 1
        path = b"/".join(parts[:index + 1])
        for rule in rules:
            if rule["isForFolders"] and not is_folder:
                continue
            text = part if rule["isForLastPart"] else path
            text = b"/" + text if rule["isFromRoot"] else text
            text = text + b"/" if rule["needsFolderSlash"] and is_folder else text
            if rule["pattern"].search(text):
                return True
    return False
# The kernel reports no event for writes through a memory map: files that were sent are looked at again, at growing intervals.
followed = {}
def follow(name, info, interval):
    followed[name] = ((info.st_mtime_ns, info.st_size, info.st_ino), time.monotonic() + interval, interval)
    if len(followed) > 256:
        del followed[next(iter(followed))]
def recheck():
    for name, (seen, at, interval) in list(followed.items()):
        if at > time.monotonic():
            continue
        del followed[name]
        try:
            info = os.lstat(os.path.join(top, name))
        except OSError:
            continue
        if (info.st_mtime_ns, info.st_size, info.st_ino) != seen:
            mark()
            names.add(name)
        elif interval < 150:
            follow(name, info, 2 * interval)
def chosen():
    global everything
    found, size = [], 0
    for name in names:
        try:
            info = os.lstat(os.path.join(top, name))
        except OSError:
            continue
        if excluded(name):
            continue
        if stat.S_ISREG(info.st_mode):
            follow(name, info, 0.25)
        if info.st_size > ${largestBytes}:
            everything = True
        elif stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode):
            found.append(name)
            size += info.st_size
    names.clear()
    if found and (protocol == "0" or len(found) > ${mostNames} or size > ${largestBytes}):
        everything = True
        return [], 0
    return found, size
def due():
    if not names and not everything:
        return None
    settled = min(last + 0.002, first + 0.1)
    return settled if everything or first <= began + 0.15 else max(ended + delay, settled)
def send(place):
    global began, ended, everything, count
    if names and first > began + 0.15:
        began = first
    found, size = chosen()
    writer = writers.pop(0) if found else None
    if writer is not None and writer.child.poll() is not None:
        everything = True
    elif writer is not None:
        tell(b"batch %d %d\\n" % (len(found), size))
        writer.send(found)
    if writer is not None:
        writer.close()
        arm(place)
        ended = time.monotonic()
    if everything:
        everything = False
        tell(b"changed\\n")
        time.sleep(0.02)
def arm(place):
    global count
    count += 1
    writers.append(Writer("%s/%d" % (place, count)))

# What waits here keeps a folder that was removed alive, so that nobody is told of its end: it is looked at each second. So
# is what is mounted below it: of files in a file system that comes, nothing is told.
def mounted():
    inner = os.path.join(os.path.realpath(top), b"")
    points = []
    with open("/proc/self/mountinfo", "rb") as table:
        for number, _, _, _, point in (line.split()[:5] for line in table):
            point = re.sub(rb"\\\\([0-7]{3})", lambda found: bytes([int(found.group(1), 8)]), point)
            if recursive and point.startswith(inner):
                points.append((number, point))
    return points
def identity():
    try:
        info = os.stat(top)
        return info.st_dev, info.st_ino, mounted()
    except OSError:
        return None
watched, checked = identity(), time.monotonic()
def check():
    global checked
    if time.monotonic() < checked + 1:
        return
    checked = time.monotonic()
    if identity() != watched:
        sys.exit("replaced")

add_all(top)
writers, place = [], None
if protocol != "0":
    place = tempfile.mkdtemp(prefix="portald-")
try:
    if place is not None:
        arm(place)
        arm(place)
    tell(b"watching\\n")
    while True:
        recheck()
        at = due()
        check()
        pause = min([1] + [when - time.monotonic() for _, when, _ in followed.values()])
        pause = max(0, pause if at is None else min(pause, at - time.monotonic()))
        ready = select.select([0, queue], [], [], pause)[0]
        if 0 in ready:
            listen()
        if queue in ready:
            note(os.read(queue, 65536))
        elif at is not None and at <= time.monotonic():
            send(place)
finally:
    for writer in writers:
        writer.close()
    if place is not None:
        shutil.rmtree(place, True)
`;
