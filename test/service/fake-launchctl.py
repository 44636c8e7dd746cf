#!/usr/bin/env python3
"""launchd at the far end, as far as portalctl talks to it: refuses what launchctl refuses, and starts what it is told to.

LAUNCHD_FOLDER holds a file for each loaded service, with the process it runs, and the command lines it was given.
"""
import json, os, plistlib, signal, subprocess, sys

FOLDER = os.environ["LAUNCHD_FOLDER"]
DOMAINS = (f"gui/{os.getuid()}", "system")


def refuse(code, text):
    print(text, file=sys.stderr)
    sys.exit(code)


def path_of(label):
    return os.path.join(FOLDER, label + ".json")


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def service(target):
    domain, _, label = target.rpartition("/")
    if domain not in DOMAINS or not label:
        refuse(64, f"Unrecognized target specifier: {target}")
    try:
        with open(path_of(label)) as file:
            found = json.load(file)
    except OSError:
        return None
    if found["pid"] is not None and not is_alive(found["pid"]):
        found["pid"] = None
    if found["leaving"] and found["pid"] is None:
        os.remove(path_of(label))
        return None
    return found


def must(target):
    found = service(target)
    if found is None:
        refuse(113, f'Could not find service "{target.rpartition("/")[2]}" in domain')
    return found


def keep(label, found):
    with open(path_of(label), "w") as file:
        json.dump(found, file)


def run(found):
    with open(found["path"], "rb") as file:
        content = plistlib.load(file)
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", **content.get("EnvironmentVariables", {})}
    if found["domain"].startswith("gui/"):
        environment["HOME"] = os.environ["HOME"]
    with open(content["StandardOutPath"], "a") as out, open(content["StandardErrorPath"], "a") as error:
        child = subprocess.Popen(
            content["ProgramArguments"], env=environment, cwd="/", stdin=subprocess.DEVNULL,
            stdout=out, stderr=error, start_new_session=True, umask=content["Umask"],
        )
    found["pid"] = child.pid
    keep(content["Label"], found)


def bootstrap(domain, path):
    if domain not in DOMAINS or not os.path.isabs(path):
        refuse(125, "Bootstrap failed: 125: Domain does not support specified action")
    if os.stat(path).st_mode & 0o022:
        refuse(122, f"Path had bad ownership/permissions: {path}")
    with open(path, "rb") as file:
        content = plistlib.load(file)
    label = content["Label"]
    if service(f"{domain}/{label}") is not None:
        refuse(5, "Bootstrap failed: 5: Input/output error")
    run({"path": path, "domain": domain, "pid": None, "leaving": False})


def bootout(target):
    found = service(target)
    if found is None:
        refuse(3, "Boot-out failed: 3: No such process")
    if found["leaving"]:
        refuse(36, "Boot-out failed: 36: Operation now in progress")
    if found["pid"] is not None:
        os.kill(found["pid"], signal.SIGTERM)
    keep(target.rpartition("/")[2], {**found, "leaving": True})


def kickstart(target):
    found = must(target)
    if found["pid"] is None:
        run(found)


def kill(name, target):
    found = must(target)
    if found["pid"] is None:
        refuse(3, "Could not signal service: 3: No such process")
    os.kill(found["pid"], getattr(signal, name))


def tell(target):
    found = must(target)
    print(f'{target} = {{\n\tactive count = 1\n\tpath = {found["path"]}\n\ttype = LaunchAgent')
    print("\tstate = running" if found["pid"] else "\tstate = not running")
    if found["pid"]:
        print(f'\tpid = {found["pid"]}')
    print("}")


def enable(target):
    service(target)


VERBS = {
    "bootstrap": (bootstrap, 2), "bootout": (bootout, 1), "kickstart": (kickstart, 1), "kill": (kill, 2),
    "print": (tell, 1), "enable": (enable, 1),
}
verb, *words = sys.argv[1:] or [""]
function, count = VERBS.get(verb, (None, 0))
if function is None or len(words) != count or any(word.startswith("-") for word in words):
    refuse(64, f"Unrecognized subcommand or usage: {verb}")
if verb != "print":
    with open(os.path.join(FOLDER, "lines"), "a") as file:
        file.write(" ".join(sys.argv[1:]) + "\n")
function(*words)
