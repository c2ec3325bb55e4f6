"""What a whole export takes, beside COPY of the same rows."""

import subprocess
import threading
import time

from machine import die, memory_of, tool


class Peak:
    """The most anonymous memory that a process had meanwhile, in bytes."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, 0, threading.Event()

    def __enter__(self):
        self.idle = memory_of(self.pid)
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def look(self):
        while not self.over.wait(0.02):
            self.most = max(self.most, memory_of(self.pid))

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def export(api, path, count):
    """Seconds for a whole export, its lines, and the most memory meanwhile beyond that at rest."""
    with Peak(api.pid) as peak:
        started = time.monotonic()
        curl = subprocess.Popen(
            [tool("curl", "curl"), "-sS", "--fail", "-H", f"Authorization: Bearer {api.token}",
             f"http://127.0.0.1:{api.port}{path}"], stdout=subprocess.PIPE)
        lines = subprocess.run(["wc", "-l"], stdin=curl.stdout, capture_output=True, text=True).stdout
        took = time.monotonic() - started
    if curl.wait() or int(lines) < count:
        die(f"the export gave {lines.strip()} lines of {count}")
    return took, int(lines), peak.most - peak.idle


def copy(base, table, where="true"):
    """Seconds that PostgreSQL takes to give the same rows."""
    sql = f"COPY (SELECT body, present FROM {table} WHERE {where} ORDER BY id) TO STDOUT"
    started = time.monotonic()
    psql = subprocess.Popen([base.psql_tool, "-XAtq", "-d", base.url, "-c", sql], stdout=subprocess.PIPE)
    subprocess.run(["wc", "-l"], stdin=psql.stdout, stdout=subprocess.DEVNULL, check=True)
    if psql.wait():
        die("COPY failed")
    return time.monotonic() - started
