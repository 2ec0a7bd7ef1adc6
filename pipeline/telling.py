"""What a night did, for its report: documents, values and conflicts of the new generation beside the last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipeline.catalogue import Catalogue, Known, Source
from pipeline.intake import Summary
from pipeline.replaced import Stood, replaced
from pipeline.store import Published, last_generation, reading

NOTHING_PUBLISHED = 2  # exit code until something is
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
    notes: list[str] = field(default_factory=list)  # told before the work began
    sources_failed: list[dict[str, str]] = field(default_factory=list)
    unlisted: list[dict[str, str]] = field(default_factory=list)  # links that their index page has no longer
    contradicted: list[dict[str, Any]] = field(default_factory=list)  # by sources.toml, in what was read
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[dict[str, Any]] = field(default_factory=list)  # places where quite another report stands now
    failed: list[dict[str, Any]] = field(default_factory=list)
    still_failing: list[dict[str, Any]] = field(default_factory=list)  # failed in an earlier run, not tried again
    removed: list[dict[str, Any]] = field(default_factory=list)
    corrections_failed: list[str] = field(default_factory=list)
    drift: list[dict[str, str]] = field(default_factory=list)
    conflicts_found: int = 0
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    values_changed: list[dict[str, Any]] = field(default_factory=list)
    report: Path | None = None  # the page that tells all this; None where the disk refused it


def standing(store: Path) -> dict[str, Source]:
    """The places of the catalogue, by path or address."""
    catalogue = Catalogue(store)
    try:
        return {source.path: source for source in catalogue.sources()}
    finally:
        catalogue.close()


def usual(store: Path) -> list[Any]:
    """How the reports of each publisher look in the last generation."""
    from pipeline.drift import measures

    return measures(store)


def served(store: Path) -> set[str]:
    """The documents of the published generation that were read."""
    if last_generation(store) is None:
        return set()
    with reading(store) as connection:
        rows = connection.execute(
            "select document_id from base.documents where not starts_with(meaning_version, 'none')"
        ).fetchall()
    return {row[0] for row in rows}


def tell(
    run: Run, summary: Summary, store: Path, before: set[str], retried: bool = False,
    stood: Mapping[str, Stood] = MappingProxyType({}),
) -> None:  # fmt: skip
    """What was read and what failed. `before`: the documents that the last generation served, `stood`: from which
    places. `retried`: whether what failed earlier was to be tried again.

    What an interrupted run has read and nobody has published is told by the run that publishes it.
    """
    run.sources_failed += [{"source": place, "error": why} for place, why in summary.missing]
    run.copies = summary.copies
    catalogue = Catalogue(store)
    try:
        places = _places(catalogue)
        earlier = [catalogue.document(one) for one in summary.settled if one not in before]
        failing = [catalogue.document(one) for one in summary.failed_before]
        sources = catalogue.sources()
        run.replaced = replaced(catalogue, sources, stood)
    finally:
        catalogue.close()
    taken = {source.document_id for source in sources if source.path in stood}  # a run that was held said so before
    unpublished = [document for document in earlier if document is not None]
    run.unchanged = summary.known - len(unpublished)
    for document in [*summary.outcomes, *unpublished]:
        told = _record(document) | {"place": places.get(document.document_id)}
        if not retried and document.status == "encrypted" and (document.failed_since or run.started) < run.started:
            failing.append(document)  # tried every night, since the password may be another one
        elif document.failed:
            kept = document.document_id in summary.replaced or document.meaning is not None
            run.failed.append(told | {"error": document.error, "kept": kept})
        elif document.document_id in taken | before or summary.replaced.get(document.document_id) in before:
            run.changed.append(told)
        else:
            run.new.append(told)
    run.still_failing = [
        _record(document)
        | {"place": places.get(document.document_id), "error": document.error}
        | {"since": document.failed_since or document.ingested_at, "kept": document.document_id in summary.replaced}
        for document in failing
        if document is not None
    ]
    run.failed_before = len(run.still_failing)
    run.removed = [{"place": source.path, "document_id": source.document_id} for source in summary.gone]


def _places(catalogue: Catalogue) -> dict[str, str]:
    """Where each document stands: the first of its files or addresses."""
    found: dict[str, str] = {}
    for source in catalogue.sources():
        for document_id in (source.document_id, source.found):
            found.setdefault(document_id, source.path)
    return found


def _record(document: Known) -> dict[str, Any]:
    about, counts = document.about or {}, document.summary
    return {
        "document_id": document.document_id, "document": document.name, "status": document.status,
        "doc_type": about.get("doc_type"), "fiscal_year": about.get("fiscal_year"), "region": about.get("region"),
        "agency": about.get("agency"), "facts": counts.get("facts", 0), "verified": counts.get("verified", 0),
        "conflict": counts.get("conflict", 0),
    }  # fmt: skip


def tell_of_generation(
    run: Run, store: Path, published: Published, usual: Sequence[Any], publisher_of: Mapping[str, str]
) -> None:
    """What the new generation says otherwise than the last, its new conflicts, and publishers that drift.

    `publisher_of`: the key of an entry of sources.toml to its publisher.
    """
    from pipeline.diff import LISTED as COLUMNS
    from pipeline.diff import diff
    from pipeline.drift import drift, measures

    read = {record["document_id"] for record in (*run.new, *run.changed)}
    publishers = {s.document_id: publisher_of[s.owner] for s in standing(store).values() if s.owner in publisher_of}
    run.drift = drift(measures(store), read, publishers, usual)
    run.conflicts_found, run.conflicts = _conflicts(store, read)
    run.contradicted = [{"document": name, "what": what} for name, what in contradictions(store, read)]
    if run.generation_before is not None and run.generation_before != published.generation:
        found = diff(store, run.generation_before, published.generation, LISTED)
        run.values = found.totals
        run.values_changed = [dict(zip(COLUMNS, row, strict=True)) for row in found.changes if row[0] != "added"]


def contradictions(store: Path, documents: Collection[str]) -> list[tuple[str, str]]:
    """Those of `documents` (ids) that print another year, region, kind or agency than was said of them, and what."""
    with reading(store) as connection:
        return connection.execute(
            """select document, explanation from problems join documents using (document_id)
               where starts_with(kind, 'said_') and list_contains($1::varchar[], document_id) order by all""",
            [sorted(documents)],
        ).fetchall()


def _conflicts(store: Path, documents: set[str]) -> tuple[int, list[dict[str, Any]]]:
    """How many checks fail in `documents`, and the first of them."""
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
