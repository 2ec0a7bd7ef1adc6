"""The raw files, and what is known of the addresses they came from.

raw/ab/abcd....pdf     the bytes as they came, named by their sha256 (names from the network are never paths)
raw/fetches.sqlite     per address: what it gave last, and when; and a log of every file that ever came
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from pipeline.catalogue import is_spoilt, now
from pipeline.store_error import StoreError

SCHEMA = """
create table if not exists addresses (
    url text primary key, etag text, last_modified text, document_id text not null, name text not null,
    fetched_at text not null, checked_at text not null
);
create table if not exists log (
    url text not null, final_url text not null, document_id text not null, name text not null, bytes integer not null,
    etag text, last_modified text, fetched_at text not null
);
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an address gave last time."""

    url: str
    etag: str | None
    last_modified: str | None
    document_id: str
    name: str
    fetched_at: str
    checked_at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A file that came in; `document_id` None says that it has not changed."""

    final_url: str
    document_id: str | None = None
    name: str = ""
    size: int = 0
    etag: str | None = None
    last_modified: str | None = None


def raw_file(raw: Path, document_id: str) -> Path:
    """Where the bytes of a document stand that was fetched; `raw` is a folder of the store."""
    return raw / document_id[:2] / f"{document_id}.pdf"


class Ledger:
    """The raw files and what is known of the addresses they came from."""

    def __init__(self, raw: Path) -> None:
        raw.mkdir(parents=True, exist_ok=True)
        self.raw = raw
        self._db = sqlite3.connect(raw / "fetches.sqlite", timeout=30, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("pragma journal_mode = wal")
            self._db.executescript(SCHEMA)
            found = str(self._db.execute("pragma quick_check(1)").fetchone()[0])
            if found != "ok":
                raise sqlite3.DatabaseError(f"malformed: {found}")
        except sqlite3.DatabaseError as error:
            if not is_spoilt(error):
                raise
            file, why = raw / "fetches.sqlite", " ".join(str(error).split())
            raise StoreError(f"{file} is damaged ({why}): remove it, and every address is fetched again") from error
        self._lock = threading.Lock()

    def close(self) -> None:
        self._db.close()

    def file(self, document_id: str) -> Path:
        return raw_file(self.raw, document_id)

    def known(self, url: str) -> Kept | None:
        with self._lock:
            row = self._db.execute("select * from addresses where url = ?", [url]).fetchone()
        return None if row is None or not self.file(row[3]).exists() else Kept(*row)

    def unchanged(self, url: str) -> None:
        with self._lock:
            self._db.execute("update addresses set checked_at = ? where url = ?", [now(), url])

    def came(self, url: str, answer: Answer) -> None:
        """Write down a file that came in, for its address and in the log, together."""
        validators = [answer.etag, answer.last_modified]
        with self._lock:
            self._db.execute("begin immediate")
            self._db.execute(
                "insert or replace into addresses values (?, ?, ?, ?, ?, ?, ?)",
                [url, *validators, answer.document_id, answer.name, now(), now()],
            )
            self._db.execute(
                "insert into log values (?, ?, ?, ?, ?, ?, ?, ?)",
                [url, answer.final_url, answer.document_id, answer.name, answer.size, *validators, now()],
            )
            self._db.execute("commit")
