"""Writes what a benchmark measured into docs/benchmarks.md, one section a benchmark, with machine, versions and date.

A section stands between `<!-- NAME -->` and `<!-- /NAME -->`; the text around it is left alone. A section that is not there
yet goes to the end.
"""

from __future__ import annotations

import datetime
import os
import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
TITLE = "# Benchmarks\n\nWritten by the programs in `benchmarks/`: each section by the command that it names.\n"


def write_section(name: str, title: str, body: str, packages: Iterable[str] = (), page: Path = PAGE) -> None:
    """Replaces section `name` of docs/benchmarks.md by a heading, `body` (Markdown) and a line on machine and versions."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise ValueError(f"{name!r} is no name of a section: small letters, digits and hyphens")
    text = page.read_text(encoding="utf-8") if page.exists() else TITLE
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    section = f"{begin}\n## {title}\n\n{body.strip()}\n\n{conditions(packages)}\n{end}"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
    text = found.sub(lambda _: section, text, count=1) if found.search(text) else f"{text.rstrip()}\n\n{section}\n"
    page.parent.mkdir(parents=True, exist_ok=True)
    unfinished = page.with_name(f".{page.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(page)


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the first column to the left, the others to the right. Floats get two places."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    lines += [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def conditions(packages: Iterable[str] = ()) -> str:
    """One line: date, machine, Python and the versions of `packages`."""
    named = [f"{package} {_version(package)}" for package in packages]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine = f"{processor()}, {cores} cores, {platform.system()} {platform.machine()}"
    return f"Measured {today} on {machine}; " + ", ".join([f"Python {platform.python_version()}", *named]) + "."


def processor() -> str:
    """The processor's name as the system tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    found = re.search(r"^model name\s*:\s*(.+)$", told, re.M)
    return found[1].strip() if found else platform.processor() or "unknown processor"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
