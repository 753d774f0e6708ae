"""The other end of monoplan's Docker builder, inside the container. What it does is its first argument.

idle            is the first process: it says what the image has, waits for its standard input to end, and takes in orphans.
unpack PATH...  unpacks a tar archive from standard input below the first PATH; all of them are made.
relay PATH      passes what comes in at a socket PATH on to standard output, and back: for an SSH agent elsewhere.
run             runs processes one after another, and gives their results as a tar archive on standard output.

The relay's frames are a connection's number, a length, and so many bytes; no bytes are the connection's end. Both numbers
have four bytes, the first one the most significant.

A request is the length of a JSON object, in eight digits, and the object, on standard input. One to idle is

    {"directories": [for everybody to write to], "files": {path: text}, "python": version wanted}

and one to run

    {"directory": working directory, "unset": [names], "set": {name: value}, "path": what comes first in PATH,
     "files": {path: text},                          to write first, for the caller's eyes only
     "steps": [{"command": [...], "input": text, "result": path or null, "set": {name: value}, "only": text or null}],
     "pack": directory or null, "remove": [directories, unless a step's result stops it]}

A step whose result is not the text of "only" is the last one, as one that fails is. When standard input ends, whoever asked
is gone or has lost patience: what runs is ended. The first entry of the answer, status.json, has the number of the last
step, how it ended, and the results; the files of "pack" follow.
"""

import io
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import threading

NO_SPACE = 28  # ENOSPC


def version(python):
    if os.path.realpath(python) == os.path.realpath(sys.executable):
        return "%d.%d" % sys.version_info[:2]
    try:
        out = subprocess.run([python, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return out.stdout.decode().strip()
    except OSError:
        return ""


def describe(wanted):
    """Says what the image has."""
    pythons = {}
    for name in ("python" + wanted, "python3"):
        path = shutil.which(name)
        if path:
            pythons.setdefault(version(path), path)
    os.environ["PATH"] += ":/opt/monoplan/bin"
    try:
        environments = sorted(os.listdir("/opt/monoplan/environments"))
    except OSError:
        environments = []
    return {"pythons": pythons, "uv": shutil.which("uv"), "poetry": shutil.which("poetry"), "environments": environments,
            "machine": os.uname().machine}


def idle():
    os.umask(0)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    ask = request()
    for directory in ask["directories"]:
        os.chmod(directory, 0o1777)
    for name, text in ask["files"].items():
        os.makedirs(os.path.dirname(name), mode=0o755, exist_ok=True)
        with open(name, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(name, 0o644)
    sys.stdout.write(json.dumps(describe(ask["python"])) + "\n")
    sys.stdout.flush()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while os.read(0, 1 << 16):
        pass


def unpack(top, *others):
    os.umask(0o022)
    for directory in (top,) + others:
        os.makedirs(directory, exist_ok=True)
    links = []
    try:
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
            for entry in archive:
                name = os.path.join(top, entry.name)
                os.makedirs(os.path.dirname(name), exist_ok=True)
                if entry.issym():
                    links.append((entry.linkname, name))
                    continue
                with open(name, "xb") as out:
                    shutil.copyfileobj(archive.extractfile(entry), out, 1 << 18)
                os.chmod(name, entry.mode)
        # Links come last, so that no file is written through one.
        for target, name in links:
            os.symlink(target, name)
    except OSError as e:
        sys.stderr.write("%s\n" % e)
        sys.exit(NO_SPACE if e.errno == NO_SPACE else 1)
    except tarfile.TarError as e:
        sys.stderr.write("%s\n" % e)
        sys.exit(1)


class Processes:
    """What runs, and the end of it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.group = None
        self.gone = False

    def start(self, **how):
        with self.lock:
            if self.gone:
                return None
            child = subprocess.Popen(stderr=2, stdout=2, start_new_session=True, **how)
            self.group = child.pid
            return child

    def end(self):
        """Ends what a step has left running."""
        with self.lock:
            if self.group is not None:
                try:
                    os.killpg(self.group, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass

    def watch(self):
        while os.read(0, 1 << 16):
            pass
        self.gone = True
        self.end()


def killed_for_memory():
    """Counts the processes that the kernel has killed in this container for want of memory."""
    for name in ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"):
        try:
            with open(name) as f:
                for line in f:
                    key, _, value = line.partition(" ")
                    if key == "oom_kill":
                        return int(value)
        except OSError:
            pass
    return 0


def full(directory):
    try:
        s = os.statvfs(directory)
        return s.f_bavail * s.f_frsize < 1 << 16 or (s.f_files > 0 and s.f_ffree == 0)
    except OSError:
        return False


def request():
    data = b""
    while len(data) < 8:
        data += os.read(0, 8 - len(data)) or sys.exit("no request")
    left, text = int(data), []
    while left > 0:
        part = os.read(0, min(left, 1 << 16)) or sys.exit("half a request")
        text.append(part)
        left -= len(part)
    return json.loads(b"".join(text))


def step(processes, ask, environment, s, status):
    child = processes.start(args=s["command"], cwd=ask["directory"], env={**environment, **(s.get("set") or {})},
                            stdin=subprocess.PIPE)
    if child is None:
        return False
    try:
        child.stdin.write((s.get("input") or "").encode())
        child.stdin.close()
    except BrokenPipeError:
        pass
    code = child.wait()
    processes.end()
    status["code"] = code
    if code != 0:
        return False
    if s.get("result"):
        try:
            with open(s["result"], encoding="utf-8") as f:
                status["results"].append(f.read(1 << 26))
        except (OSError, ValueError) as e:
            status["results"].append(None)
            status["problem"] = str(e)
            return False
    status["stopped"] = s.get("only") is not None and status["results"][-1] != s["only"]
    return not status["stopped"]


def pack(archive, top):
    for parent, directories, names in os.walk(top):
        directories.sort()
        for name in sorted(names) + [d for d in directories if os.path.islink(os.path.join(parent, d))]:
            path = os.path.join(parent, name)
            entry = archive.gettarinfo(path, os.path.relpath(path, top))
            if entry is None or not (entry.isreg() or entry.issym() or entry.islnk()):
                continue
            if entry.islnk():  # a second name of a file: its content again
                entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", os.stat(path).st_size
            if entry.isreg():
                with open(path, "rb") as f:
                    archive.addfile(entry, f)
            else:
                archive.addfile(entry)


def run():
    os.umask(0o022)
    ask = request()
    for name, text in (ask.get("files") or {}).items():
        os.makedirs(os.path.dirname(name), mode=0o700, exist_ok=True)
        with open(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            f.write(text)
    unset = set(ask.get("unset") or ())
    environment = {k: v for k, v in os.environ.items() if k not in unset}
    environment.update(ask.get("set") or {})
    if ask.get("path"):
        environment["PATH"] = "%s:%s" % (ask["path"], environment.get("PATH", os.defpath))
    processes = Processes()
    threading.Thread(target=processes.watch, daemon=True).start()
    before = killed_for_memory()
    status = {"step": 0, "code": None, "results": [], "problem": "", "stopped": False}
    for number, s in enumerate(ask["steps"]):
        status["step"] = number
        try:
            if not step(processes, ask, environment, s, status):
                break
        except OSError as e:
            status["problem"] = "%s: %s" % (s["command"][0], e.strerror)
            break
    status["memory"] = killed_for_memory() > before
    status["full"] = full(ask["directory"])
    out = io.BufferedWriter(io.FileIO(1, "wb", closefd=False), 1 << 18)
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        text = json.dumps(status).encode()
        entry = tarfile.TarInfo("status.json")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
        if ask.get("pack") and status["code"] == 0 and not status["problem"]:
            pack(archive, ask["pack"])
    out.flush()
    if not status["stopped"]:
        for directory in ask.get("remove") or ():
            shutil.rmtree(directory, ignore_errors=True)
    for name in ask.get("files") or {}:
        try:
            os.unlink(name)
        except OSError:
            pass


def relay(path):
    os.umask(0o077)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    lock, open_ones = threading.Lock(), {}

    def send(number, data):
        with lock:
            sys.stdout.buffer.write(struct.pack(">II", number, len(data)) + data)
            sys.stdout.buffer.flush()

    def forward(number, connection):
        try:
            while True:
                data = connection.recv(1 << 16)
                send(number, data)
                if not data:
                    return
        except OSError:
            send(number, b"")

    def accept():
        number = 0
        while True:
            connection, _ = server.accept()
            open_ones[number] = connection
            threading.Thread(target=forward, args=(number, connection), daemon=True).start()
            number += 1

    threading.Thread(target=accept, daemon=True).start()
    sys.stderr.write("listening\n")
    sys.stderr.flush()
    while True:
        head = sys.stdin.buffer.read(8)
        if len(head) < 8:
            break
        number, length = struct.unpack(">II", head)
        data = sys.stdin.buffer.read(length)
        try:
            if data:
                open_ones[number].sendall(data)
            else:
                open_ones.pop(number).close()
        except (OSError, KeyError):
            pass  # who asked is gone
    os.unlink(path)


if sys.argv[1] == "idle":
    idle()
elif sys.argv[1] == "unpack":
    unpack(*sys.argv[2:])
elif sys.argv[1] == "relay":
    relay(sys.argv[2])
else:
    run()
