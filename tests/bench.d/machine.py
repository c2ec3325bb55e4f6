"""The machine, its tools, and servers that run on it."""

import http.client
import os
import re
import resource
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = ROOT / "tests/bench.d"

SERVE = ["serve", "--requests-per-minute", "0", "--token-seconds", "86400", "--log", "warn"]
# A measure waits, so many seconds at most, until others take less than this part of the processors,
# and is made again, so many times, when they took more meanwhile.
DISTURBED, PATIENCE, AGAIN = 0.10, 60, 3


def die(*words):
    sys.exit("bench: " + " ".join(words))


def say(*words):
    print("bench:", *words, file=sys.stderr, flush=True)


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if done.returncode:
        die(f"{shlex.join(map(str, command))[:300]}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def tool(name, package):
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places = os.pathsep.join([os.environ["PATH"], *map(str, folders)])
    found = shutil.which(name, path=places)
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"{name} is missing; installing {package} with apt-get")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        subprocess.run(apt, check=False, **quiet, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        found = shutil.which(name, path=places)
    return found or die(f"{name} is missing. Install it (Debian, Ubuntu: apt-get install {package}).")


def built(place, *names, anew=True):
    """Copies of the programs, built as they are now: a build meanwhile must not change what is measured."""
    if anew:
        say("building")
        subprocess.run(["nice", "cargo", "build", "-q", "--release", "--locked", "-p", "api", "--bin", "maillage",
                        "--example", "bare"], cwd=ROOT, check=True)
    return [Path(shutil.copy(ROOT / "target/release" / name, place)) for name in names]


# Who uses the processors ------------------------------------------------------------------------

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid, with_children=False):
    """Seconds of processor that a process used; with those of the children it waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15 if with_children else 13])) / TICKS


def cpu_of_all():
    user, nice, system, _, _, irq, softirq = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def cpu_of_postgres(postmaster):
    if not postmaster:
        return 0.0
    try:
        tasks = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    except OSError:
        tasks = []
    return cpu_of(postmaster, with_children=True) + sum(map(cpu_of, tasks))


def cpu_of_load():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + own.ru_utime + own.ru_stime


def memory_of(pid):
    """The bytes of memory of a process that belong to no file."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(re.search(r"RssAnon:\s+(\d+)", status)[1])


def wait_for_quiet():
    """Between two measures our own servers rest, so whoever works is somebody else."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        before = time.monotonic(), cpu_of_all()
        time.sleep(0.5)
        wall, busy = time.monotonic() - before[0], cpu_of_all() - before[1]
        if busy / wall / os.cpu_count() <= DISTURBED:
            return


# Servers ----------------------------------------------------------------------------------------

class Server:
    """A server on 127.0.0.1, stopped by its pid."""

    def __init__(self, command, port=None, environment=None):
        ours = ("MAILLAGE_", "DATABASE_URL")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        self.process = subprocess.Popen(
            [str(c) for c in command], stdout=subprocess.PIPE, text=True, env={**clean, **(environment or {})})
        if port is None:
            port = int(self.process.stdout.readline().strip().rpartition(":")[2] or die("no server"))
        self.port, self.pid = port, self.process.pid
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        die(f"{command[0]} does not listen")

    def ask(self, method, path, token=None, body=None, headers=()):
        """The whole answer as it came, its headers and its body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = dict(headers)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status >= 400:
            die(f"{method} {path}: {answer.status} {text[:500]}")
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.getheaders())
        whole = f"HTTP/1.1 {answer.status} {answer.reason}\r\n{head}\r\n{text}"
        return whole, dict(answer.getheaders()), text

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
