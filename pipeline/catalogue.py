"""What the store should hold: the known files, the documents they are, and which harvest of each one counts.

A small SQLite file, because its changes survive a kill at any moment and one process may read while another writes.
Harvests and generations are made from it and the files; it holds no number of any report.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.store_error import StoreError

FAILED = ("not_pdf", "empty", "encrypted", "damaged", "limit_time", "limit_memory")

SCHEMA = """
create table if not exists documents (
    document_id text primary key, name text not null, said text not null default '{}', size integer not null default 0,
    reading text, meaning text,                      -- keys of the layers that count; null: nothing was read
    tried text,                                      -- the meaning key of the last attempt
    status text not null, error text,                -- of the last attempt
    about text,                                      -- the document record of the harvest that counts
    summary text not null default '{}', ingested_at text not null,
    failed_since text                                -- the first of the failed attempts without a good one since
);
create table if not exists sources (
    path text primary key, uri text not null, document_id text not null, fingerprint text not null,
    fetched_at text not null,
    file text,                                       -- where the bytes are, if `path` is an address
    owner text not null default '',                  -- the entry of sources.toml that brought it
    waiting text                                     -- newer bytes at this place, which cannot be read (yet)
);
create index if not exists sources_document on sources (document_id);
create table if not exists state (name text primary key, value text not null);
"""


@dataclass(slots=True)
class Known:
    """A document as the catalogue knows it. `reading` and `meaning` are the keys of the layers that count."""

    document_id: str
    name: str
    said: dict[str, str] = field(default_factory=dict)
    size: int = 0
    reading: str | None = None
    meaning: str | None = None
    tried: str | None = None
    status: str = "ok"
    error: str | None = None
    about: dict[str, Any] | None = None
    summary: dict[str, int] = field(default_factory=dict)
    ingested_at: str = ""
    failed_since: str | None = None

    @property
    def failed(self) -> bool:
        return self.status in FAILED


@dataclass(frozen=True, slots=True)
class Source:
    """One place where a document's bytes were found: `path` is a file's, or an address whose bytes are in `file`.

    `fingerprint` tells cheaply whether the file was touched since. `document_id` is the document served from this
    place; `waiting` is the one that stands there now, where that is another one which could not be read yet.
    """

    path: str
    uri: str
    document_id: str
    fingerprint: str
    fetched_at: str
    file: str | None = None
    owner: str = ""
    waiting: str | None = None

    @property
    def found(self) -> str:
        """The document whose bytes stand there."""
        return self.waiting or self.document_id


_PLACE = ", ".join(one.name for one in fields(Source))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the next generation should hold of a document: `facts` of them where a harvest counts."""

    document_id: str
    name: str
    reading: str | None
    meaning: str | None
    tried: str | None
    status: str
    error: str | None
    ingested_at: str
    facts: int


class Catalogue:
    """Opens (and makes, when absent) `catalogue.sqlite` in the store's folder. Raises sqlite3.Error, StoreError."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "catalogue.sqlite", timeout=30, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.executescript(SCHEMA)
        self._complete("sources", Source, "file text", "owner text not null default ''", "waiting text")
        self._complete("documents", Known, "failed_since text")

    def _complete(self, table: str, record: type, *columns: str) -> None:
        """Add what a catalogue of an earlier version lacks. Raises StoreError for one of a later version."""
        held = {row["name"] for row in self._db.execute(f"pragma table_info({table})")}
        later = held - {one.name for one in fields(record)}
        if later:
            self._db.close()
            raise StoreError(
                f"catalogue.sqlite was written by a newer version of lumbung (it holds {', '.join(sorted(later))}): "
                "update lumbung, or name another folder with --store"
            )
        for column in columns:
            if column.split()[0] not in held:
                self._db.execute(f"alter table {table} add column {column}")

    @classmethod
    def to_read(cls, folder: Path) -> Catalogue:
        """The catalogue as it is; works on a read-only disk and in another user's store too.

        Raises sqlite3.Error where there is none or it cannot be read.
        """
        file = folder / "catalogue.sqlite"
        log = file.with_name(f"{file.name}-wal")
        found = cls.__new__(cls)
        try:
            found._open_to_read(file, "mode=ro")
        except sqlite3.OperationalError:
            if log.exists() and log.stat().st_size:
                raise
            found._open_to_read(file, "mode=ro&immutable=1")  # nobody writes here: SQLite need not lay files beside it
        return found

    def _open_to_read(self, file: Path, how: str) -> None:
        self._db = sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True, timeout=30, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("select 1 from documents limit 1").fetchone()
        except sqlite3.Error:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """All changes made inside happen together or not at all."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def documents(self) -> list[Known]:
        return [_known(row) for row in self._db.execute("select * from documents order by document_id")]

    def wanted(self) -> list[Wanted]:
        """Every document in short. What was read of one that failed later stays, with what it said of itself."""
        query = """select document_id, name, reading, meaning, tried,
                       iif(meaning is null, status, coalesce(json_extract(about, '$.status'), status)),
                       iif(meaning is null or json_type(about, '$.error') is null, error, json_extract(about, '$.error')),
                       ingested_at, iif(meaning is null, 0, coalesce(json_extract(summary, '$.facts'), 0))
                   from documents order by document_id"""
        return [Wanted(*row) for row in self._db.execute(query)]

    def document(self, document_id: str) -> Known | None:
        row = self._db.execute("select * from documents where document_id = ?", [document_id]).fetchone()
        return None if row is None else _known(row)

    def find(self, text: str) -> list[Known]:
        """Documents whose id begins with `text`, or whose file name or path is `text`."""
        query = """select distinct d.* from documents d left join sources s using (document_id)
                   where d.name = ?1 or s.path in (?1, ?2) or s.uri = ?1
                      or (length(?1) >= 6 and substr(d.document_id, 1, length(?1)) = ?1)
                   order by d.document_id"""
        return [_known(row) for row in self._db.execute(query, [text, str(Path(text).absolute())])]

    def save(self, known: Known) -> None:
        values = [
            known.document_id, known.name, json.dumps(known.said, sort_keys=True, ensure_ascii=False), known.size,
            known.reading, known.meaning, known.tried, known.status, known.error,
            None if known.about is None else json.dumps(known.about, ensure_ascii=False),
            json.dumps(known.summary), known.ingested_at or now(), known.failed_since,
        ]  # fmt: skip
        marks = ", ".join("?" * len(values))
        self._db.execute(f"insert or replace into documents values ({marks})", values)

    def remove(self, document_id: str) -> None:
        places = self.sources_of(document_id)
        self._db.execute("update sources set waiting = null, fingerprint = '' where waiting = ?", [document_id])
        self._db.execute("delete from sources where document_id = ?", [document_id])
        self._db.execute("delete from documents where document_id = ?", [document_id])
        for place in places:
            if place.waiting not in (None, document_id):
                self._let_go(place)

    def sources(self) -> list[Source]:
        return [Source(*row) for row in self._db.execute(f"select {_PLACE} from sources order by path")]

    def source(self, path: str) -> Source | None:
        row = self._db.execute("select * from sources where path = ?", [path]).fetchone()
        return None if row is None else Source(**row)

    def sources_of(self, document_id: str) -> list[Source]:
        query = "select * from sources where document_id = ?1 or waiting = ?1 order by path"
        return [Source(**row) for row in self._db.execute(query, [document_id])]

    def save_source(self, source: Source) -> None:
        """Other bytes at a known path replace what stood there; a document without a source is no longer held."""
        old = self.source(source.path)
        values = asdict(source)
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self._db.execute(f"insert or replace into sources ({names}) values ({marks})", list(values.values()))
        if old is not None:
            self._let_go(old)

    def serve(self, document_id: str) -> None:
        """A document that was waiting has been read: it takes the place of what was served there before."""
        for source in self.sources_of(document_id):
            if source.waiting == document_id:
                self.save_source(replace(source, document_id=document_id, waiting=None))

    def remove_source(self, path: str) -> None:
        """A place that is no longer wanted; its document goes with its last place."""
        old = self.source(path)
        if old is not None:
            self._db.execute("delete from sources where path = ?", [path])
            self._let_go(old)

    def _let_go(self, old: Source) -> None:
        for document_id in {old.document_id, old.found}:
            if self.document(document_id) is not None and not self.sources_of(document_id):
                self.remove(document_id)

    def state(self, name: str) -> str | None:
        row = self._db.execute("select value from state where name = ?", [name]).fetchone()
        return None if row is None else str(row["value"])

    def set_state(self, values: Mapping[str, str]) -> None:
        self._db.executemany("insert or replace into state values (?, ?)", list(values.items()))


def is_spoilt(error: sqlite3.Error) -> bool:
    """Whether SQLite speaks of a file that was cut or changed on the disk."""
    return any(word in str(error) for word in ("file is not a database", "malformed"))


def catalogue_error(error: sqlite3.Error) -> str:
    """One sentence for the user. SQLite calls a full disk an I/O error as well."""
    if is_spoilt(error):
        return (
            f"catalogue.sqlite is damaged ({error}): bring it back from a backup, or remove it and run again what was run "
            "before; what was read is not read again, and what is published can still be queried"
        )
    full = any(word in str(error) for word in ("disk I/O error", "disk is full"))
    todo = ": free some space, then run it again" if full else ""
    return f"the catalogue cannot be read or written ({error}){todo}"


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _known(row: sqlite3.Row) -> Known:
    values = dict(row)
    for name in ("said", "summary", "about"):
        values[name] = None if values[name] is None else json.loads(values[name])
    return Known(**values)
