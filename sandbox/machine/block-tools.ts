// The instance's view of its block devices. A volume's device is a regular file (the image, on which the real
// mkfs.ext4, blkid, wipefs, cmp and e2fsck work) and what its file system holds is a folder, which `mount` binds.
// These stand-ins for lsblk, findmnt, mount, umount, mkfs.ext4 and blockdev join the two. What is mounted is
// read from the kernel's own mount table: a bind whose root is a volume's folder is that volume's file system.

export const blockTools = String.raw`#!/usr/bin/python3 -IS
import json, os, re, subprocess, sys

EBS = '/var/lib/sandbox/ebs/'


def fail(code, sentence):
    sys.stderr.write(sentence + '\n')
    sys.exit(code)


def devices():
    with open('/run/host/devices') as file:
        return json.load(file)


def mounts():
    """Mounted file systems on block devices, in mount order."""
    by_volume = {device['volumeId']: device for device in devices() if device['type'] == 'disk'}
    found = []
    with open('/proc/self/mountinfo') as file:
        for line in file:
            fields = line.split()
            target = re.sub(r'\\(\d{3})', lambda code: chr(int(code[1], 8)), fields[4])
            volume = re.search(r'/ebs/(vol-[0-9a-f]+)(?:/|$)', fields[3])
            device = by_volume.get(volume[1]) if volume else None
            if target == '/':
                device = next(device for device in devices() if device['type'] == 'part')
            if device:
                found.append({'device': device, 'target': target, 'options': fields[5]})
    return found


def find(path):
    """The device that a path (or a link to it) names, or None."""
    real = os.path.realpath(path)
    return next((device for device in devices() if '/dev/' + device['name'] == real), None)


def probe(device, tag):
    if device['type'] == 'part':
        return {'TYPE': 'ext4'}.get(tag, '')
    if not os.path.exists('/dev/' + device['name']):
        return ''
    done = subprocess.run(['/usr/sbin/blkid', '-p', '-o', 'value', '-s', tag, '/dev/' + device['name']], capture_output=True, text=True)
    return done.stdout.strip()


def bytes_of(device):
    try:
        return os.stat('/dev/' + device['name']).st_size
    except OSError:
        return device['sizeGiB'] << 30


def short(size):
    for unit in 'BKMGTP':
        if size < 1024 or unit == 'P':
            return ('%.1f' % size).rstrip('0').rstrip('.') + unit
        size /= 1024


def options(words, flags, valued):
    """Splits words into {option: value}, and the rest. Short options may be bundled."""
    given, rest, words = {}, [], list(words)
    while words:
        word = words.pop(0)
        if word == '--':
            rest += words
            break
        if word.startswith('--'):
            name, sign, value = word.partition('=')
            if name in valued:
                given[valued[name]] = value if sign else (words.pop(0) if words else '')
            elif name in flags:
                given[flags[name]] = True
            else:
                fail(1, "%s: unrecognized option '%s'" % (os.path.basename(sys.argv[0]), word))
        elif word.startswith('-') and len(word) > 1:
            letters = word[1:]
            while letters:
                letter, letters = letters[0], letters[1:]
                if '-' + letter in valued:
                    given[valued['-' + letter]] = letters or (words.pop(0) if words else '')
                    letters = ''
                elif '-' + letter in flags:
                    given[flags['-' + letter]] = True
                else:
                    fail(1, "%s: invalid option -- '%s'" % (os.path.basename(sys.argv[0]), letter))
        else:
            rest.append(word)
    return given, rest


def table(rows, columns, given, key):
    if given.get('json'):
        print(json.dumps({key: [{column.lower(): row[column] or None for column in columns} for row in rows]}, indent=3))
        return
    lines = [] if given.get('quiet') else [columns]
    lines += [[row[column] for column in columns] for row in rows]
    if given.get('pairs'):
        for row in rows:
            print(' '.join('%s="%s"' % (column, row[column]) for column in columns))
    elif given.get('raw'):
        for line in lines:
            print(' '.join(cell.replace(' ', '\\x20') for cell in line))
    else:
        widths = [max(len(line[index]) for line in lines) if lines else 0 for index in range(len(columns))]
        for line in lines:
            print(' '.join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def wanted(given, default, known, tool):
    columns = (given.get('columns') or default).upper().split(',')
    for column in columns:
        if column not in known:
            fail(1, '%s: unknown column: %s' % (tool, column))
    return columns


def lsblk(words):
    flags = {'-d': 'alone', '--nodeps': 'alone', '-n': 'quiet', '--noheadings': 'quiet', '-r': 'raw', '--raw': 'raw', '-b': 'bytes',
             '--bytes': 'bytes', '-J': 'json', '--json': 'json', '-p': 'paths', '--paths': 'paths', '-l': 'list', '--list': 'list',
             '-a': 'all', '--all': 'all', '-P': 'pairs', '--pairs': 'pairs', '-f': 'fs', '--fs': 'fs'}
    given, paths = options(words, flags, {'-o': 'columns', '--output': 'columns'})
    chosen = devices()
    if paths:
        chosen = []
        for path in paths:
            device = find(path)
            if device is None:
                fail(32, 'lsblk: %s: not a block device' % path)
            chosen += [device] + [other for other in devices() if other.get('parent') == device['name']]
    if given.get('alone'):
        chosen = [device for device in chosen if device['type'] == 'disk']
    targets = {}
    for mount in mounts():
        targets.setdefault(mount['device']['name'], []).append(mount['target'])
    cell = {
        'NAME': lambda device: ('/dev/' if given.get('paths') else '') + device['name'],
        'KNAME': lambda device: device['name'],
        'PATH': lambda device: '/dev/' + device['name'],
        'MAJ:MIN': lambda device: device['number'],
        'RM': lambda device: '0',
        'RO': lambda device: '0',
        'SIZE': lambda device: str(bytes_of(device)) if given.get('bytes') else short(bytes_of(device)),
        'TYPE': lambda device: device['type'],
        'MOUNTPOINT': lambda device: (targets.get(device['name']) or [''])[-1],
        'MOUNTPOINTS': lambda device: '\\n'.join(targets.get(device['name'], [])),
        'SERIAL': lambda device: device['serial'],
        'MODEL': lambda device: 'Amazon Elastic Block Store' if device['serial'] else '',
        'PKNAME': lambda device: device.get('parent', ''),
        'FSTYPE': lambda device: probe(device, 'TYPE'),
        'UUID': lambda device: probe(device, 'UUID'),
        'LABEL': lambda device: probe(device, 'LABEL'),
    }
    columns = wanted(given, 'NAME,FSTYPE,LABEL,UUID,MOUNTPOINTS' if given.get('fs') else 'NAME,MAJ:MIN,RM,SIZE,RO,TYPE,MOUNTPOINTS', cell, 'lsblk')
    table([{column: cell[column](device) for column in columns} for device in chosen], columns, given, 'blockdevices')


def findmnt(words):
    flags = {'-n': 'quiet', '--noheadings': 'quiet', '-r': 'raw', '--raw': 'raw', '-J': 'json', '--json': 'json', '-l': 'list',
             '--list': 'list', '-P': 'pairs', '--pairs': 'pairs', '-k': 'kernel', '--kernel': 'kernel', '-f': 'first', '--first-only': 'first',
             '-u': 'wide', '--notruncate': 'wide', '-v': 'plain', '--nofsroot': 'plain', '-a': 'ascii', '-R': 'inner', '--submounts': 'inner'}
    valued = {'-o': 'columns', '--output': 'columns', '-M': 'mountpoint', '--mountpoint': 'mountpoint', '-S': 'source', '--source': 'source',
              '-T': 'target', '--target': 'target', '-t': 'types', '--types': 'types'}
    given, rest = options(words, flags, valued)
    found = mounts()
    at = lambda path: [mount for mount in found if mount['target'] == os.path.realpath(path)]
    of = lambda path: [mount for mount in found if find(path) and mount['device']['name'] == find(path)['name']]
    if 'mountpoint' in given:
        found = at(given['mountpoint'])[-1:]
    if 'source' in given:
        found = of(given['source'])
    if 'target' in given:
        inside = [mount for mount in found if os.path.commonpath([mount['target'], os.path.realpath(given['target'])]) == mount['target']]
        found = sorted(inside, key=lambda mount: len(mount['target']))[-1:]
    for path in rest[:1]:
        found = of(path) or at(path)
    if 'inner' in given:
        found = [mount for mount in mounts() if any(mount == outer or mount['target'].startswith(outer['target'] + '/') for outer in found)]
    cell = {
        'SOURCE': lambda mount: '/dev/' + mount['device']['name'],
        'TARGET': lambda mount: mount['target'],
        'FSTYPE': lambda mount: probe(mount['device'], 'TYPE'),
        'OPTIONS': lambda mount: mount['options'],
        'MAJ:MIN': lambda mount: mount['device']['number'],
        'UUID': lambda mount: probe(mount['device'], 'UUID'),
    }
    columns = wanted(given, 'TARGET,SOURCE,FSTYPE,OPTIONS', cell, 'findmnt')
    rows = [{column: cell[column](mount) for column in columns} for mount in found]
    if not rows:
        sys.exit(1)
    table(rows[:1] if given.get('first') else rows, columns, given, 'filesystems')


def only_root(tool):
    if 'SUDO_USER' not in os.environ:
        fail(1, '%s: only root can do that' % tool)


def mount(words):
    if not words:
        return findmnt(['-rn', '-o', 'SOURCE,TARGET,FSTYPE,OPTIONS'])
    only_root('mount')
    given, rest = options(words, {'-r': 'read_only', '--read-only': 'read_only', '-v': 'verbose', '-w': 'write'},
                          {'-t': 'type', '--types': 'type', '-o': 'options', '--options': 'options'})
    if len(rest) != 2:
        fail(1, 'mount: bad usage')
    path, target = rest
    words = (given.get('options') or 'defaults').split(',')
    if 'remount' in words or 'bind' in words:
        fail(1, 'mount: %s: not allowed in the sandbox' % given['options'])
    if not os.path.isdir(target):
        fail(32, 'mount: %s: mount point does not exist.' % target)
    device = find(path)
    if device is None or device['type'] != 'disk' or not device['volumeId'] or not os.path.isdir(EBS + device['volumeId']):
        fail(32, 'mount: %s: special device %s does not exist.' % (target, path))
    target = os.path.realpath(target)
    if any(other['target'] == target and other['device'] == device for other in mounts()):
        fail(32, 'mount: %s: %s already mounted on %s.' % (target, path, target))
    kind = probe(device, 'TYPE')
    if not kind or given.get('type', kind) not in (kind, 'auto'):
        fail(32, 'mount: %s: wrong fs type, bad option, bad superblock on %s, missing codepage or helper program, or other error.' % (target, path))
    code = subprocess.run(['/usr/bin/mount', '--bind', EBS + device['volumeId'], target]).returncode
    if code == 0 and ('ro' in words or given.get('read_only')):
        code = subprocess.run(['/usr/bin/mount', '-o', 'remount,bind,ro', target]).returncode
    sys.exit(code)


def umount(words):
    only_root('umount')
    given, rest = options(words, {'-l': 'lazy', '--lazy': 'lazy', '-f': 'force', '--force': 'force', '-v': 'verbose', '-R': 'inner', '--recursive': 'inner'}, {})
    if len(rest) != 1:
        fail(1, 'umount: bad usage')
    target = os.path.realpath(rest[0])
    device = find(rest[0])
    mounted = [other for other in mounts() if other['target'] == target or (device and other['device'] == device)]
    if not mounted or target == '/':
        fail(32, 'umount: %s: not mounted.' % rest[0])
    sys.exit(subprocess.run(['/usr/bin/umount'] + (['-l'] if given.get('lazy') else []) + (['-R'] if given.get('inner') else []) + [mounted[-1]['target']]).returncode)


def make_file_system(words):
    only_root('mkfs.ext4')
    device = next((found for found in map(find, reversed(words)) if found), None)
    if device is None or device['type'] != 'disk' or not os.path.isdir(EBS + device['volumeId']):
        fail(1, 'mkfs.ext4: no attached volume among the arguments; not allowed in the sandbox')
    if any(other['device'] == device for other in mounts()):
        fail(1, '/dev/%s is mounted; will not make a filesystem here!' % device['name'])
    code = subprocess.run(['/usr/sbin/mkfs.ext4', '-F'] + words).returncode
    if code == 0 and '-n' not in words:
        # A new file system holds nothing.
        folder = EBS + device['volumeId']
        subprocess.run(['/usr/bin/find', folder, '-mindepth', '1', '-delete'], check=True)
        os.mkdir(folder + '/lost+found', 0o700)
    sys.exit(code)


def blockdev(words):
    device = find(words[-1]) if words else None
    if device is None:
        fail(1, 'blockdev: cannot open %s: No such file or directory' % (words[-1] if words else ''))
    size = {'--getsize64': bytes_of(device), '--getsz': bytes_of(device) // 512, '--getss': 512, '--getbsz': 4096, '--getro': 0}
    for word in words[:-1]:
        if word not in size:
            fail(1, 'blockdev: %s: not allowed in the sandbox' % word)
        print(size[word])


def test(words):
    # The devices are regular files; a script that asks for a block device gets the answer of a real machine.
    if len(words) == 2 and words[0] == '-b':
        sys.exit(0 if find(words[1]) else 1)
    sys.exit(subprocess.run(['/usr/bin/test'] + words).returncode)


tools = {'lsblk': lsblk, 'findmnt': findmnt, 'mount': mount, 'umount': umount, 'mkfs.ext4': make_file_system,
         'blockdev': blockdev, 'test': test, 'udevadm': lambda words: None}
tools[os.path.basename(sys.argv[0])](sys.argv[1:])
`;

/** The names under which the program is found on the instance. */
export const blockToolNames = [
  'lsblk',
  'findmnt',
  'mount',
  'umount',
  'mkfs.ext4',
  'blockdev',
  'test',
  'udevadm',
];
