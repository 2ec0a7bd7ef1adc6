"""What parts of the benchmark of faults share: a plan, a result, the list of parts, commands in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "data" / "raw"
FAKES = "tests.fakes"


@dataclass
class Result:
    part: str
    tried: int = 0
    failures: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Plan:
    folder: Path
    share: float
    every: int
    first: int = 1
    only: str | None = None  # an error
    seed: int = 0  # added to the seeds of random parts: another number, other moments

    def times(self, number: int) -> int:
        return max(1, round(number * self.share))


PARTS: dict[str, Callable[[Plan, Result], None]] = {}


def part(run: Callable[[Plan, Result], None]) -> Callable[[Plan, Result], None]:
    PARTS[run.__name__] = run
    return run


def command(store: Path, *words: object) -> tuple[list[str], dict[str, str]]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "LUMBUNG_STORE": str(store)}
    return [sys.executable, "-m", "pipeline.cli", *map(str, words)], environment


def lumbung(store: Path, *words: object) -> subprocess.CompletedProcess[str]:
    line, environment = command(store, *words)
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=3600)


def show(result: Result, what: str) -> None:
    """How far a part has come, on standard error."""
    if result.tried % 10 == 0:
        print(f"{result.part}: {what}, {len(result.failures)} failures", file=sys.stderr, flush=True)


@contextmanager
def one_process() -> Iterator[None]:
    from pipeline import ingest as work
    from tests.one_process import harvest_here

    children, work.harvest_all = work.harvest_all, harvest_here  # type: ignore[assignment]
    try:
        yield
    finally:
        work.harvest_all = children
