"""What puts load on a server or on PostgreSQL itself."""

import os
import re
import time

from bases import NUMBER, PREFIX
from machine import (AGAIN, DISTURBED, FILES, cpu_of, cpu_of_all, cpu_of_load, cpu_of_postgres, die, run, say, tool,
                     wait_for_quiet)

POSTED_BY_WRK = 300_000_000_000
POSTED_BY_PGBENCH = 400_000_000_000
# Ids that pgbench makes come after all others, as new ones do.
NEW_PREFIX = "ffffffff-ffff-7fff-bfff-"

PAGE_LENGTH = 50


class Result:
    """What one contender did in one round."""

    def __init__(self, per_second, p50=None, p99=None):
        self.per_second, self.p50, self.p99 = per_second, p50, p99
        self.program = self.database = self.others = 0.0


class Script:
    """What pgbench runs: lines, and the values that do not change from one time to the next."""

    def __init__(self, path, setting, statements, own=None, position=None):
        self.path, self.values = path, {}
        lines = [setting]
        for sql, parameters in statements:
            sql = re.sub(r" -- binds: .*", "", sql)
            shown = {n: self.expression(value, own, position) for n, value in parameters.items()}
            sql = re.sub(r"\$(\d+)", lambda n: shown[int(n[1])], sql)
            if re.search(r'FROM "feed" ORDER BY "feed"."position" DESC', sql):
                lines += [sql + " \\gset tail_", "\\set position :tail_position + 1"]
            else:
                lines.append(sql + ";")
        path.write_text("\n".join(lines) + "\n")

    def expression(self, value, own, position):
        if value is None:
            return "NULL"
        if own and value == own:
            return f"('{NEW_PREFIX}' || :n)::uuid"
        if value.startswith(PREFIX):
            return f"('{PREFIX}' || :n)::uuid"
        if value == str(position):
            return ":position"
        before, number, after = value.partition(str(POSTED_BY_WRK - 1))
        if number and not value.startswith('{"'):
            quoted = [part.replace("'", "''") for part in (before, after)]
            return f"('{quoted[0]}' || :n || '{quoted[1]}')"
        # Sent each time, as by the API; a document too, in which the number stays the same.
        name = f"v{len(self.values) + 1}"
        self.values[name] = value
        return f":{name}"


class Pgbench:
    """pgbench on one script, as a contender."""

    def __init__(self, base, script, options):
        self.tool, self.base, self.script = tool("pgbench", "postgresql-contrib"), base, script
        self.clients, self.fresh = options.connections, POSTED_BY_PGBENCH

    step = 1_000_000_000

    def measure(self, seconds):
        self.fresh += self.step
        defined = {**self.script.values, "fresh": self.fresh, "i": 0}
        started = ["-D" + f"{name}={value}" for name, value in defined.items()]
        told = run(self.tool, "-n", "-M", "prepared", "-c", self.clients, "-j", 2, "-T", seconds,
                   "-f", self.script.path, *started, self.base.url)
        if not re.search(r"failed transactions: 0 ", told):
            die(f"pgbench:\n{told}")
        return Result(float(re.search(r"tps = ([0-9.]+)", told)[1]),
                      p50=float(re.search(r"latency average = ([0-9.]+)", told)[1]))


class Wrk:
    """wrk on one server, as a contender."""

    script = "requests.lua"

    def __init__(self, server, what, token, options, file=None, threads=2):
        self.tool, self.server, self.what, self.token = tool("wrk", "wrk"), server, what, token
        self.options, self.file, self.first = options, file or "-", NUMBER + 1
        self.threads = threads
        self.kind = what if what in ("read", "create") else "paths"
        if what == "create":
            self.first = POSTED_BY_WRK

    def measure(self, seconds):
        self.advance()
        told = run(self.tool, f"-t{self.threads}", f"-c{self.options.connections}", f"-d{seconds}s", "-s", FILES / self.script,
                   f"http://127.0.0.1:{self.server.port}", "--", self.kind, self.token, self.first,
                   self.options.organisations, self.file)
        figures = re.search(r"^result (\d+) (\d+) (\d+) (\d+) (\d+)$", told, re.M) or die(f"wrk:\n{told}")
        done, micros, p50, p99, errors = map(int, figures.groups())
        if errors:
            die(f"wrk: {errors} of {done} requests of {self.what} failed\n{told}")
        return Result(done / micros * 1e6, p50 / 1000, p99 / 1000)

    def advance(self):
        """To numbers that no measure before had."""
        if self.what == "create":
            self.first += 1_000_000_000


def watched(contender, base, seconds):
    """A measure, and who used the processors meanwhile; again when others used too much of them."""
    pid = contender.server.pid if isinstance(contender, Wrk) else None
    for attempt in range(AGAIN + 1):
        wait_for_quiet()
        count = lambda: (time.monotonic(), cpu_of_all(), cpu_of(pid), cpu_of_postgres(base.postmaster), cpu_of_load())
        before = count()
        result = contender.measure(seconds)
        wall, everyone, program, database, load = (b - a for a, b in zip(before, count()))
        requests = result.per_second * seconds
        result.program, result.database = program / requests * 1e6, database / requests * 1e6
        result.others = max(0.0, everyone - program - database - load) / wall / os.cpu_count()
        if result.others <= DISTURBED or attempt == AGAIN:
            return result
        say(f"others took {result.others:.0%} of the processors: once more")
