// The instance's `fuser`, for mount points. The real one goes by device number, and here a volume's files lie on the
// same device as everything else: it would name (and with -k kill) every process of the instance.

export const fuserTool = String.raw`#!/usr/bin/python3 -IS
import glob, os, signal, sys

kill, number, must_be_mount, points = False, signal.SIGKILL, False, []
for word in sys.argv[1:]:
    name = 'SIG' + word[1:].replace('SIG', '', 1)
    if word.startswith('-') and word[1:].isdigit():
        number = int(word[1:])
    elif word.startswith('-') and name in signal.Signals.__members__:
        number = signal.Signals[name]
    elif word.startswith('-') and set(word[1:]) <= set('kMmsv'):
        kill = kill or 'k' in word
        must_be_mount = must_be_mount or 'M' in word
    elif word.startswith('-'):
        sys.exit('fuser: option %s: not allowed in the sandbox' % word)
    else:
        points.append(os.path.realpath(word))


def used_by(pid):
    """Paths that a process holds: folders, program, open files and mapped files."""
    for link in [*('/proc/%s/%s' % (pid, name) for name in ('cwd', 'root', 'exe')), *glob.glob('/proc/%s/fd/*' % pid)]:
        try:
            yield os.readlink(link)
        except OSError:
            pass
    try:
        with open('/proc/%s/maps' % pid) as maps:
            yield from (line.split(None, 5)[5].strip() for line in maps if line.count('/'))
    except OSError:
        pass


with open('/proc/self/mountinfo') as table:
    mount_points = [line.split()[4] for line in table]
found = False
for point in points:
    if must_be_mount and point not in mount_points:
        continue
    inside = lambda path: path == point or path.startswith(point.rstrip('/') + '/')
    pids = [int(pid) for pid in os.listdir('/proc') if pid.isdigit() and int(pid) != os.getpid() and any(map(inside, used_by(pid)))]
    if pids:
        found = True
        sys.stderr.write('%s: ' % point)
        sys.stderr.flush()
        sys.stdout.write(''.join(' %d' % pid for pid in pids))
        sys.stdout.flush()
        sys.stderr.write('\n')
    for pid in pids if kill else []:
        try:
            os.kill(pid, number)
        except OSError:
            pass
sys.exit(0 if found else 1)
`;
