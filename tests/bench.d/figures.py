"""Figures, and the page that keeps them."""

import datetime
import os
import re
import statistics
import subprocess
import time
from pathlib import Path

from machine import ROOT, die, run, tool

PAGE = ROOT / "docs/performance.md"


def thousands(number):
    return f"{number:,.0f}".replace(",", " ")


def spread(values, form):
    return f"{form(statistics.median(values))} ({form(min(values))}–{form(max(values))})"


def rows(*lines):
    """A table of Markdown, its first line the head."""
    head, *body = ["| " + " | ".join(map(str, line)) + " |" for line in lines]
    return "\n".join([head, "|" + "---|" * len(lines[0]), *body])


def circumstances(bases, command, place, told):
    """When, by which command, on what machine and with which versions."""
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) / 2**20
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    lock = (ROOT / "Cargo.lock").read_text()
    crate = lambda name: f"{name} " + re.search(rf'"{name}"\nversion = "([^"]+)"', lock)[1]
    git = lambda *words: run("git", "-C", ROOT, *words).strip()
    changed = " with changes not committed" if git("status", "--porcelain", "-uno") else ""
    with (place / "probe").open("wb") as file:
        times = []
        for _ in range(200):
            file.write(b"x" * 8192)
            file.flush()
            started = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - started)
    wrk = subprocess.run([tool("wrk", "wrk"), "--version"], capture_output=True, text=True).stdout.split()[1]
    return "\n".join([
        f"- Date: {datetime.datetime.now():%Y-%m-%d %H:%M}; command: `{command}`; {told}; log level warn.",
        f"- Machine: {os.cpu_count()} processors ({model[1] if model else 'unknown'}), {memory:.0f} GiB, "
        f"{os.uname().sysname} {os.uname().release}, shared by server, database and load; "
        f"`fdatasync` after 8 KiB: {statistics.median(times) * 1e3:.2f} ms (median of 200).",
        f"- Versions: {git('rev-parse', '--short', 'HEAD')}{changed}; {run('rustc', '--version', cwd=ROOT).strip()}; "
        f"{crate('actix-web')}; {crate('diesel')}; {'; '.join(base.version() for base in bases)}; wrk {wrk}.",
    ]) + "\n"


def write(name, figures):
    """Puts figures in their place in the page."""
    begin, end = f"<!-- figures: written by {name} --write -->\n", "<!-- end of figures -->"
    text = PAGE.read_text()
    before, found, rest = text.partition(begin)
    if not found:
        die("no place in", str(PAGE))
    PAGE.write_text(before + begin + "\n" + figures + "\n" + end + rest.partition(end)[2])
