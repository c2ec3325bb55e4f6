"""The two engines, and how a base is filled with copies of one record, which may differ in what is asked of them."""

import os
import re
import sqlite3
import subprocess
import time
from pathlib import Path

from machine import ROOT, die, run, tool

# The records are copies of one that was posted, told apart by a number of twelve digits in the id
# and in the name. So wrk and pgbench draw ids at random without looking any up.
PREFIX = "0198f1c2-7a00-7000-8000-"
NUMBER = 100_000_000_000

# What tells how a record came to be, and not what it is. Of the other tables, the rows that name the
# record posted are copied.
NOT_COPIED = {"audit", "idempotent_answers"}


class Sqlite:
    name = "SQLite"

    def __init__(self, place, called="bench"):
        self.path = place / f"{called}.sqlite"
        self.url = f"sqlite://{self.path}"
        self.postmaster = None
        with sqlite3.connect(":memory:") as probe:
            if sqlite3.sqlite_version_info < (3, 37):
                die("Python's own SQLite is older than 3.37 and cannot open STRICT tables")
            probe.execute("SELECT 1")

    def drop(self):
        for path in self.path.parent.glob(f"{self.path.stem}.*"):
            path.unlink()

    def version(self):
        lock = (ROOT / "Cargo.lock").read_text()
        return "SQLite of libsqlite3-sys " + re.search(r'"libsqlite3-sys"\nversion = "([^"]+)"', lock)[1]

    def fill(self, posted, numbers, others=lambda number: {}):
        base = sqlite3.connect(self.path, isolation_level=None)
        tables = [name for (name,) in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        base.execute("PRAGMA synchronous = OFF")
        base.execute("BEGIN IMMEDIATE")
        old = key(posted)
        for table in tables:
            if table in NOT_COPIED or table.startswith("__"):
                continue
            cursor = base.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            named = lambda value: value == old or isinstance(value, str) and posted in value
            rows = [row for row in cursor if any(map(named, row))]

            def copies():
                for number in numbers:
                    texts = renamed(posted, number, others(number))
                    keys = {key(old): key(new) for old, new in texts.items() if is_id(old)}
                    for row in rows:
                        yield [
                            number - NUMBER + 1 if is_position(table, column)
                            else keys.get(value, value) if isinstance(value, bytes)
                            else replaced(value, texts) if isinstance(value, str) else value
                            for column, value in zip(columns, row)]

            base.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(columns))})', copies())
        base.execute("COMMIT")
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        base.close()


class Postgres:
    name = "PostgreSQL"

    def __init__(self, _, called="bench"):
        self.psql_tool = tool("psql", "postgresql-client")
        self.url = self.server = os.environ["MAILLAGE_TEST_POSTGRES"]
        self.called = called
        self.psql(f"CREATE DATABASE {called}")
        self.url = self.server.rpartition("/")[0] + f"/{called}"
        folder = Path(self.psql("SHOW data_directory"))
        self.log = folder.parent / "server.log"
        self.postmaster = int((folder / "postmaster.pid").read_text().split()[0])

    def psql(self, sql, given=None):
        return run(self.psql_tool, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", sql, input=given).strip()

    def drop(self):
        self.url = self.server
        self.psql(f"DROP DATABASE {self.called}")

    def version(self):
        return "PostgreSQL " + self.psql("SHOW server_version").split()[0]

    def fill(self, posted, numbers, others=lambda number: {}):
        tables = self.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename").split()
        # What the others refer to goes first.
        for table in sorted(tables, key=lambda table: (table != "organisations", table)):
            if table in NOT_COPIED or table.startswith("__"):
                continue
            columns = self.psql("SELECT column_name FROM information_schema.columns "
                                f"WHERE table_name = '{table}' ORDER BY ordinal_position").split()
            lines = self.psql(f"COPY {table} TO STDOUT").splitlines()
            rows = [line.split("\t") for line in lines if posted in line]
            if not rows:
                continue
            copying = subprocess.Popen(
                [self.psql_tool, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", f"COPY {table} FROM STDIN"],
                stdin=subprocess.PIPE, text=True)
            for number in numbers:
                texts = renamed(posted, number, others(number))
                for row in rows:
                    print("\t".join(
                        str(number - NUMBER + 1) if is_position(table, column) else replaced(value, texts)
                        for column, value in zip(columns, row)), file=copying.stdin)
            copying.stdin.close()
            if copying.wait():
                die(f"{table} could not be filled")
        self.psql("VACUUM ANALYZE")
        self.psql("CHECKPOINT")
        # Read from files now and not while measuring: some machines soon forget what they read from files.
        if self.psql("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_prewarm'"):
            self.psql("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
            self.psql("SELECT pg_prewarm(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't')")

    def statements_of(self, work):
        """The statements that the server runs for `work`, each with its parameters."""
        for setting in ("log_statement = 'all'", "log_duration = off"):
            self.psql(f"ALTER SYSTEM SET {setting}")
        self.psql("SELECT pg_reload_conf()")
        time.sleep(1)
        start = self.log.stat().st_size
        work()
        time.sleep(0.5)
        with self.log.open("rb") as log:
            log.seek(start)
            lines = log.read().decode().splitlines()
        self.psql("ALTER SYSTEM RESET ALL")
        self.psql("SELECT pg_reload_conf()")
        time.sleep(1)
        statements = []
        for line in lines:
            told = re.match(r".*?\[\d+\] (LOG|DETAIL):  (?:statement|execute [^:]+|parameters|Parameters): (.*)$", line)
            if not told:
                continue
            if told[1] == "LOG":
                statements.append((told[2], {}))
            else:
                pairs = re.findall(r"\$(\d+) = ('(?:[^']|'')*'|NULL)", told[2])
                statements[-1][1].update(
                    {int(n): None if v == "NULL" else v[1:-1].replace("''", "'") for n, v in pairs})
        # A connection's own settings and the look for work in the background belong to no request.
        return [s for s in statements if not s[0].startswith(("SET ", 'SELECT "imports"'))]


def renamed(posted, number, others):
    """What stands in a copy for what stands in the record posted."""
    return {posted: PREFIX + str(number), str(NUMBER): str(number), **others}


def replaced(text, texts):
    for old, new in texts.items():
        text = text.replace(old, new)
    return text


def is_id(text):
    return bool(re.fullmatch(r"[0-9a-f-]{36}", text))


def key(id):
    return bytes.fromhex(id.replace("-", ""))


def is_position(table, column):
    return column == "position" and table in ("feed", "versions")
