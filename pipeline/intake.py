"""What an ingest is told and what it tells: settings, places of documents, the summary, a watch for terminals."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.catalogue import FAILED, Known, Source
from pipeline.crowd import ENGINE, Limits
from pipeline.progress import Part, silent
from pipeline.store import Published


@dataclass(frozen=True, slots=True)
class Settings:
    """How to ingest. `workers` None: one a core."""

    store: Path
    retry_failed: bool = False
    password: str | None = None
    workers: int | None = None
    limits: Limits = field(default_factory=Limits)
    engine: str = ENGINE
    publish: bool = True
    witness: str = "auto"  # when a second engine reads the cells again
    scheduler: str | None = None  # of a Dask cluster that reads instead of this machine: tcp://host:8786
    exchange: str | None = None  # folder or address through which files go where the machines share none


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands. `key` is its path or address and names it from run to run; `file` holds its bytes.

    `said` None: nothing new is said of it. `document_id` is given where the bytes have been hashed already.
    """

    key: str
    file: Path
    said: Mapping[str, str] | None = None
    uri: str | None = None
    name: str = ""
    owner: str = ""
    document_id: str | None = None
    fetched_at: str | None = None
    password: str | None = None


@dataclass(slots=True)
class Summary:
    """What an ingest did. `outcomes` holds one line a document that was worked on, in the order they ended.

    `files` = outcomes + known + copies + those of the `missing` ones that were listed and could not be opened.
    """

    files: int = 0
    known: int = 0
    copies: int = 0  # files with the same bytes as one before them in this run
    missing: list[tuple[str, str]] = field(default_factory=list)  # the place, and why nothing came of it
    outcomes: list[Known] = field(default_factory=list)
    failed_before: list[str] = field(default_factory=list)  # documents that failed earlier and were not tried again
    settled: list[str] = field(default_factory=list)  # documents that were read earlier
    gone: list[Source] = field(default_factory=list)
    replaced: dict[str, str] = field(
        default_factory=dict
    )  # documents that stand where another one, which was read, stood
    published: Published | None = None

    @property
    def failed(self) -> list[Known]:
        return [document for document in self.outcomes if document.status in FAILED]


class Watch:
    """Told what happens, so that a terminal can show it. The base class shows nothing."""

    def begin(self, total: int) -> None: ...

    def step(self, document: Known) -> None: ...

    def end(self) -> None: ...

    def part(self, what: str, total: int | None = None) -> AbstractContextManager[Part]:
        """Something else that takes its time: looking at files, fetching, publishing."""
        return silent(Part(what, total=total))

    def note(self, text: str) -> None:
        """One sentence that the user should know before the work begins."""

    def lull(self) -> None:
        """Called when the children have less to do than there are processors: a program may load what publishing needs."""
