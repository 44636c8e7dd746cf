// The instance's process 1 and its `sudo`, in Python because the instance has nothing else of ours.
// The agent holds the capabilities, reaps orphans, and ends when the sandbox closes its standard input, which
// ends every process of the instance. `sudo` sends it the command with its three streams; the agent checks the
// command against the allow-list, runs it, and answers with the exit status.

export const agentProgram = String.raw`import json, os, selectors, signal, socket, sys

SOCKET = '/run/sandbox/sudo'
TOOLS = '/opt/sandbox/bin'
PATH = TOOLS + ':/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
ALLOWED = set('mount umount mkdir chown chmod findmnt lsblk blkid wipefs cmp dd mkfs.ext4 e2fsck fsck '
              'resize2fs blockdev sync fuser udevadm test stat true id cat tee'.split())


def refusal(words):
    """Why the command may not run, or None."""
    name = os.path.basename(words[0])
    if name not in ALLOWED:
        return words[0]
    if name == 'dd' and any(word.startswith('of=') and word != 'of=/dev/null' for word in words[1:]):
        return 'dd writing'
    if name == 'wipefs' and not any(word in ('-n', '--no-act') for word in words[1:]):
        return 'wipefs without -n'
    return None


def run(request, streams):
    """In the child: becomes the command."""
    words = request['words']
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 256)
    os.setsid()
    environment = {'PATH': PATH, 'HOME': '/root', 'USER': 'root', 'LOGNAME': 'root', 'SUDO_USER': 'ubuntu', 'LANG': 'C.UTF-8'}
    environment.update(request['environment'])
    try:
        os.chdir(request['folder'])
    except OSError:
        os.chdir('/')
    name = os.path.basename(words[0])
    for folder in PATH.split(':'):
        try:
            os.execve(os.path.join(folder, name), words, environment)
        except OSError:
            continue
    sys.stderr.write('sudo: %s: command not found\n' % words[0])
    sys.stderr.flush()
    os._exit(1)


def main():
    os.makedirs('/run/sandbox', exist_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind(SOCKET)
    server.listen(64)
    wake_reader, wake_writer = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(wake_writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ready = selectors.DefaultSelector()
    ready.register(0, selectors.EVENT_READ)
    ready.register(server, selectors.EVENT_READ)
    ready.register(wake_reader, selectors.EVENT_READ)
    waiting = {}

    def answer(connection, code):
        try:
            connection.sendall(bytes([code]))
        except OSError:
            pass
        connection.close()

    def accept():
        connection, _ = server.accept()
        connection.settimeout(5)
        try:
            data, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
            while not data.endswith(b'\n'):
                data += connection.recv(1 << 20) or b'\n'
            request = json.loads(data)
        except (OSError, ValueError):
            connection.close()
            return
        refused = refusal(request['words'])
        if refused is not None:
            os.write(streams[2], ('sudo: %s: not allowed in the sandbox\n' % refused).encode())
            answer(connection, 1)
        else:
            child = os.fork()
            if child == 0:
                signal.set_wakeup_fd(-1)
                run(request, streams)
            waiting[child] = connection
            # The client's end is watched: when it goes, the command is told to end.
            ready.register(connection, selectors.EVENT_READ, child)
        for stream in streams:
            os.close(stream)

    def reap():
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if child == 0:
                return
            connection = waiting.pop(child, None)
            if connection is not None:
                if connection in ready.get_map():
                    ready.unregister(connection)
                code = os.waitstatus_to_exitcode(status)
                answer(connection, code if code >= 0 else 128 - code)

    sys.stdout.write('ready\n')
    sys.stdout.flush()
    while True:
        for key, _ in ready.select():
            if key.fileobj == 0:
                if not os.read(0, 4096):
                    os._exit(0)
            elif key.fileobj is server:
                accept()
            elif key.fileobj == wake_reader:
                os.read(wake_reader, 4096)
            elif key.data in waiting:
                ready.unregister(key.fileobj)
                os.kill(key.data, signal.SIGTERM)
        reap()


main()
`;

export const sudoProgram = String.raw`#!/usr/bin/python3 -IS
import json, os, re, socket, sys

words, environment = sys.argv[1:], {}
while words and words[0].startswith('-'):
    option = words.pop(0)
    if option == '--':
        break
    if option in ('-u', '--user') and words and words[0] == 'root':
        words.pop(0)
    elif not re.fullmatch('-[nH]+|--non-interactive|--set-home', option):
        sys.exit('sudo: option %s: not allowed in the sandbox' % option)
while words and re.match(r'[A-Za-z_]\w*=', words[0]):
    name, _, value = words.pop(0).partition('=')
    environment[name] = value
if not words:
    sys.exit('usage: sudo [-nH] [VAR=value] command')
for name in ('LD_PRELOAD', 'LD_LIBRARY_PATH', 'PATH', 'PYTHONPATH'):
    environment.pop(name, None)
server = socket.socket(socket.AF_UNIX)
server.connect('/run/sandbox/sudo')
request = json.dumps({'words': words, 'environment': environment, 'folder': os.getcwd()}) + '\n'
socket.send_fds(server, [request.encode()], [0, 1, 2])
code = server.recv(1)
sys.exit(code[0] if code else 1)
`;
