"""The night: fetch what has changed, read what is new, publish it, say what happened.

One bad report never stops it, and the last good version of it stays served. Whatever goes wrong, a run report is
written to `runs/` in the store's folder.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from pipeline.catalogue import Catalogue, Known, Source, now
from pipeline.crowd import CrowdError
from pipeline.files import find_files
from pipeline.ingest import Place, Settings, Summary, Watch, nothing_read, take_in
from pipeline.sources import Origin, Sources, SourcesError, link_card, read_sources
from pipeline.store import Held, Locked, Published, StoreError, failed_corrections, last_generation, publish, writing

if TYPE_CHECKING:
    from pipeline.fetch import Fetched, Fetcher

ALL_WELL, SOME_FAILED, NOTHING_PUBLISHED, LOCKED, HELD = 0, 1, 2, 3, 5
GATE = 0.2
LISTED = 200  # single changes and conflicts in a report


@dataclass(slots=True)
class Run:
    """What a night did: the content of the run report. Lists hold one small record each."""

    started: str
    ended: str = ""
    seconds: float = 0.0
    exit_code: int = NOTHING_PUBLISHED
    error: str | None = None
    held: str | None = None
    generation: int | None = None
    generation_before: int | None = None
    documents: int = 0
    places: int = 0
    unchanged: int = 0
    copies: int = 0
    failed_before: int = 0
    fetched: dict[str, int] = field(default_factory=dict)
    sources_failed: list[dict[str, str]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    corrections_failed: list[str] = field(default_factory=list)
    drift: list[dict[str, str]] = field(default_factory=list)
    conflicts_found: int = 0
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    values_changed: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    """The places that the sources lead to now, and what could not be reached."""

    places: list[Place] = field(default_factory=list)
    fetched: dict[str, int] = field(default_factory=dict)
    failed: list[dict[str, str]] = field(default_factory=list)
    complete: set[str] = field(default_factory=set)  # keys of folders and globs that were listed whole


def refresh(
    sources: Path, settings: Settings, *, gate: float = GATE, accept: bool = False, watch: Watch | None = None
) -> Run:
    """One night. Raises Locked when another process writes the store; all else is told in the run and its report.

    `gate`: the share of facts (0 to 1) that may vanish or change without `accept`.
    """
    from pipeline.run_report import write_report

    run, start = Run(started=now()), monotonic()
    with writing(settings.store):
        try:
            _night(run, read_sources(sources), settings, None if accept else gate, accept, watch or Watch())
        except Held as error:
            run.held, run.exit_code = str(error), HELD
        except (StoreError, CrowdError, SourcesError, OSError, sqlite3.Error) as error:
            run.error = " ".join(str(error).split())
        except BaseException as error:  # also Ctrl-C: the report says how far the night came
            run.error = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
            raise
        finally:
            run.ended, run.seconds = now(), round(monotonic() - start, 1)
            write_report(run, settings.store)
    return run


def _night(run: Run, sources: Sources, settings: Settings, gate: float | None, accept: bool, watch: Watch) -> None:
    before = _standing(settings.store)
    run.generation_before = last_generation(settings.store)
    usual = _usual(settings.store) if run.generation_before else []
    found = _find(sources, settings.store, watch)
    run.fetched, run.sources_failed, run.places = found.fetched, found.failed, len(found.places)
    summary = take_in(found.places, settings, watch, _gone(sources, found))
    _tell(run, summary, before)
    if nothing_read(settings.store):
        raise StoreError("no document could be read")
    with watch.part("publishing"):
        published = publish(settings.store, gate=gate, accept=accept)
    run.generation, run.documents = published.generation, published.documents
    run.corrections_failed = failed_corrections(settings.store)
    run.exit_code = SOME_FAILED if run.failed or run.sources_failed or run.corrections_failed else ALL_WELL
    if published.new:
        _tell_of_generation(run, settings.store, summary, published, usual)


# -- find --------------------------------------------------------------------------


def _find(sources: Sources, store: Path, watch: Watch) -> _Found:
    found = _Found()
    seen: set[str] = set()

    def add(place: Place) -> None:
        if place.key not in seen:
            seen.add(place.key)
            found.places.append(place)

    for origin in sources.origins:
        if origin.kind in ("folder", "glob", "file"):
            files, missing = find_files([origin.at])
            for file in files:
                add(Place(str(file), file, origin.said, owner=origin.key, password=_password(origin)))
            if not files and not missing:
                missing = [(origin.at, "holds no PDF")]
            for place, why in missing:
                found.failed.append({"source": place, "error": f"{why}: nothing of it was removed"})
            if not missing and origin.kind != "file":
                found.complete.add(origin.key)
    if any(origin.kind in ("url", "index") for origin in sources.origins):
        _find_on_the_network(sources, store, found, add, watch)
    return found


def _find_on_the_network(
    sources: Sources, store: Path, found: _Found, add: Callable[[Place], None], watch: Watch
) -> None:
    from pipeline.fetch import Fetcher

    with Fetcher(store / "raw", sources.politeness) as fetcher:
        with watch.part("looking at index pages"):
            wanted = _addresses(sources, store, found, fetcher)
        crawled = {url for url, (origin, _) in wanted.items() if origin.kind == "index"}
        with watch.part(f"fetching {len(wanted)} addresses", len(wanted)) as part:
            for got in fetcher.fetch(wanted, crawled):
                part.done += 1
                found.fetched[got.status] = found.fetched.get(got.status, 0) + 1
                if got.error is not None:
                    found.failed.append({"source": got.url, "error": got.error})
                place = _fetched_place(got, *wanted[got.url])
                if place is not None:
                    add(place)


def _addresses(
    sources: Sources, store: Path, found: _Found, fetcher: Fetcher
) -> dict[str, tuple[Origin, dict[str, str]]]:
    """What to fetch: each address with its entry and its card. An index page that fails gives what it gave before."""
    from pipeline.fetch import FetchError

    wanted: dict[str, tuple[Origin, dict[str, str]]] = {}
    for origin in sources.origins:
        if origin.kind == "url":
            wanted.setdefault(origin.at, (origin, dict(origin.said)))
        elif origin.kind == "index" and origin.links is not None:
            try:
                links = fetcher.links(origin.at, origin.links)
            except FetchError as error:
                found.failed.append({"source": origin.at, "error": str(error)})
                links = [(url, m) for url in _addresses_of(origin, store) if (m := origin.links.search(url))]
            for url, match in links:
                wanted.setdefault(url, (origin, link_card(origin.said, match)))
    return wanted


def _fetched_place(got: Fetched, origin: Origin, said: dict[str, str]) -> Place | None:
    if got.path is None:
        return None
    return Place(
        got.url,
        got.path.absolute(),
        said,
        got.url,
        got.name,
        origin.key,
        got.document_id,
        got.fetched_at,
        _password(origin),
    )


def _password(origin: Origin) -> str | None:
    return os.environ.get(origin.password_env) if origin.password_env else None


def _addresses_of(origin: Origin, store: Path) -> list[str]:
    """The addresses that an index page gave before."""
    catalogue = Catalogue(store)
    try:
        return [source.path for source in catalogue.sources() if source.owner == origin.key]
    finally:
        catalogue.close()


def _gone(sources: Sources, found: _Found) -> Callable[[Source], bool]:
    """A place goes when its entry was taken out of sources.toml, or its file out of a folder that still holds others.

    What a server no longer gives stays: that is no wish of ours. What `lumbung ingest` has brought stays too.
    """
    entries = {origin.key for origin in sources.origins}
    standing = {place.key for place in found.places}

    def gone(source: Source) -> bool:
        if not source.owner or source.path in standing:
            return False
        return source.owner not in entries or source.owner in found.complete

    return gone


# -- tell --------------------------------------------------------------------------


def _standing(store: Path) -> dict[str, Source]:
    catalogue = Catalogue(store)
    try:
        return {source.path: source for source in catalogue.sources()}
    finally:
        catalogue.close()


def _usual(store: Path) -> list[Any]:
    from pipeline.drift import measures

    return measures(store)


def _tell(run: Run, summary: Summary, before: dict[str, Source]) -> None:
    run.unchanged, run.failed_before = summary.known, summary.failed_before
    run.sources_failed += [{"source": place, "error": why} for place, why in summary.missing]
    run.copies = summary.copies
    known_before = {i for source in before.values() for i in (source.document_id, source.found)}
    replaced = summary.replaced
    for document in summary.outcomes:
        record = _record(document)
        if document.failed:
            run.failed.append(
                record
                | {"error": document.error, "kept": document.document_id in replaced or document.meaning is not None}
            )
        elif document.document_id in known_before or document.document_id in replaced:
            run.changed.append(record)
        else:
            run.new.append(record)
    run.removed = [{"place": source.path, "document_id": source.document_id} for source in summary.gone]


def _record(document: Known) -> dict[str, Any]:
    about, counts = document.about or {}, document.summary
    return {
        "document_id": document.document_id, "document": document.name, "status": document.status,
        "doc_type": about.get("doc_type"), "fiscal_year": about.get("fiscal_year"), "region": about.get("region"),
        "agency": about.get("agency"), "facts": counts.get("facts", 0), "verified": counts.get("verified", 0),
        "conflict": counts.get("conflict", 0),
    }  # fmt: skip


def _tell_of_generation(run: Run, store: Path, summary: Summary, published: Published, usual: Sequence[Any]) -> None:
    """What the new generation says otherwise than the last, its new conflicts, and publishers that drift."""
    from pipeline.diff import LISTED as COLUMNS
    from pipeline.diff import diff
    from pipeline.drift import drift, measures

    read = {d.document_id for d in summary.outcomes if not d.failed}
    publishers = {s.document_id: s.owner.split("/", 1)[0] for s in _standing(store).values() if s.owner}
    run.drift = drift(measures(store), read, publishers, usual)
    run.conflicts_found, run.conflicts = _conflicts(store, read)
    if run.generation_before is not None and run.generation_before != published.generation:
        found = diff(store, run.generation_before, published.generation, LISTED)
        run.values = found.totals
        run.values_changed = [dict(zip(COLUMNS, row, strict=True)) for row in found.changes if row[0] != "added"]


def _conflicts(store: Path, documents: set[str]) -> tuple[int, list[dict[str, Any]]]:
    """How many checks fail in `documents`, and the first of them."""
    from pipeline.store import reading

    names = ("document", "page", "kind", "explanation", "suggestion")
    with reading(store) as connection:
        rows = connection.execute(
            f"""select {", ".join(names)}, count(*) over () as n
                from checks join documents using (document_id)
                where verdict = 'fails' and list_contains($1::varchar[], document_id)
                order by document, page, kind, explanation limit {LISTED}""",
            [sorted(documents)],
        ).fetchall()
    return (rows[0][-1] if rows else 0), [dict(zip(names, row, strict=False)) for row in rows]


__all__ = ["ALL_WELL", "HELD", "LOCKED", "NOTHING_PUBLISHED", "SOME_FAILED", "Locked", "Run", "refresh"]
