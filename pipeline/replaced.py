"""Places where quite another report stands than the one that is served from there: no new edition of it.

An address that always gives the latest report (`.../renja.pdf`) and a publisher who has put the wrong file up look the
same from here. Both take a report out of the store, so both are told, with what keeps the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.catalogue import Catalogue, Source
from pipeline.store import last_generation, reading

#: What makes a report another one, by the words of `documents`; what one of the two does not say tells nothing.
IDENTITY = {
    "region_code": "region",
    "agency_key": "agency",
    "doc_type": "kind of report",
    "fiscal_year": "year",
}
NAMED = ("doc_type", "fiscal_year", "agency", "region")


@dataclass(frozen=True, slots=True)
class Stood:
    """A report that the published generation serves from a place, and the file that was read."""

    document_id: str
    path: str | None
    about: Mapping[str, Any]


def stood(store: Path) -> dict[str, Stood]:
    """What is served from each place, by its path or address."""
    if last_generation(store) is None:
        return {}
    names = ("document", "agency", "region", *IDENTITY)
    with reading(store) as connection:
        rows = connection.execute(
            f"""select source_uri, path, document_id, {", ".join(f"d.{name}" for name in names)}
                from base.sources join base.documents d using (document_id) order by all"""
        ).fetchall()
    found: dict[str, Stood] = {}
    for uri, path, document_id, *about in rows:
        served = Stood(document_id, path, dict(zip(names, about, strict=True)))
        found |= {place: served for place in (uri, path) if place is not None}
    return found


def replaced(catalogue: Catalogue, sources: Iterable[Source], before: Mapping[str, Stood]) -> list[dict[str, Any]]:
    """One record for each place of `sources` from which another report is served now than `before`."""
    held = {source.document_id for source in sources}
    found = []
    for source in sources:
        old = before.get(source.path)
        if old is None or old.document_id == source.document_id:
            continue
        known = catalogue.document(source.document_id)
        now = (known.about if known is not None else None) or {}
        other = [word for name, word in IDENTITY.items() if _differ(name, old.about.get(name), now.get(name))]
        if known is None or not other:
            continue
        keeps = None if old.document_id in held else _keeps(old)
        earlier, later = _named(old.about, old.about["document"]), _named(now, known.name)
        what = f"another report (another {', another '.join(other)})"
        found.append({"place": source.path, "what": what, "before": earlier, "now": later, "keeps": keeps})
    return found


def _differ(name: str, old: object, new: object) -> bool:
    unsaid = (None, "other") if name == "doc_type" else (None,)
    return old not in unsaid and new not in unsaid and old != new


def _keeps(old: Stood) -> str:
    """What brings the earlier report back: its bytes are kept where they were fetched, and gone where a file was."""
    if old.path is not None and Path(old.path).stem == old.document_id:
        return f"`lumbung ingest {old.path}` serves the earlier one as well"
    return "the earlier one is in facts_history alone: give it a file of its own to serve it as well"


def _named(about: Mapping[str, Any], document: str) -> str:
    said = ", ".join(str(about[name]) for name in NAMED if about.get(name) is not None)
    return f"{document} ({said})" if said else document


def line(row: Mapping[str, Any]) -> str:
    """One of them as a sentence for a terminal or a mail."""
    keeps = f"; {row['keeps']}" if row["keeps"] else ""
    return f"{row['place']}: {row['what']}: {row['now']} instead of {row['before']}{keeps}"
