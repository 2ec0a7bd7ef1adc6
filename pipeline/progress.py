"""What a long export tells meanwhile: a bar where there is a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUIET = 1.0  # seconds in which nothing is said
BETWEEN = 15.0  # seconds between two plain lines
BLINK = 0.2  # seconds between two looks


class Part:
    """One part of the work. `done` of `total` are rows; without a total DuckDB is asked how far its query is."""

    def __init__(self, what: str, connection: DuckDBPyConnection | None = None, total: int | None = None) -> None:
        self.what, self.total, self.done = what, total, 0
        self._connection = connection

    @property
    def percent(self) -> float | None:
        """0 to 100; None where nobody knows."""
        if self.total:
            return min(100.0, 100 * self.done / self.total)
        said = self._connection.query_progress() if self._connection is not None else -1
        return said if said >= 0 else None


Watch = Callable[[Part], AbstractContextManager[Part]]


@contextmanager
def silent(part: Part) -> Iterator[Part]:
    """Says nothing: for callers from Python."""
    yield part


@contextmanager
def shown(part: Part) -> Iterator[Part]:
    """Tells on standard error how far a part is, when it takes more than a second."""
    if part._connection is not None:
        part._connection.execute("set enable_progress_bar = true")
        part._connection.execute("set enable_progress_bar_print = false")
    over = threading.Event()
    teller = threading.Thread(target=_bar if sys.stderr.isatty() else _lines, args=(part, over), daemon=True)
    teller.start()
    try:
        yield part
    finally:
        over.set()
        teller.join()


def _bar(part: Part, over: threading.Event) -> None:
    if over.wait(QUIET):
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(part.what, total=None)
        while not over.wait(BLINK):
            percent = part.percent
            if percent is not None:
                progress.update(task, total=100, completed=percent)


def _lines(part: Part, over: threading.Event) -> None:
    start = time.monotonic()
    pause = QUIET
    while not over.wait(pause):
        percent, seconds = part.percent, time.monotonic() - start
        far = "" if percent is None else f" {percent:.0f} %"
        with suppress(OSError, ValueError):  # nobody reads standard error any more
            print(f"{part.what}:{far} after {seconds:.0f} s", file=sys.stderr, flush=True)
        pause = BETWEEN
