"""Publishers whose tables no longer match what they used to print: a signal before the numbers are missed.

A report is set beside the other reports of its publisher and kind. It is told when it lacks a kind of table that all of
them have, or when its facts a page, its verified share or its share of tables of a known kind fall far below theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from pipeline.store import reading

FEWER_FACTS = 3.0  # times fewer facts a page than usual
LESS_SHARE = 0.3  # of 1

_MEASURES = """
with tables_of as (
    select document_id, count(*) as n, count(*) filter (table_kind is distinct from 'other') as known,
           coalesce(list(distinct table_kind) filter (table_kind is distinct from 'other'), []) as kinds
    from base.tables where used group by 1
)
select d.document_id, d.document, d.doc_type,
       coalesce(d.region_code, '?') || '/' || coalesce(d.agency_key, '?') as place,
       coalesce(f.facts, 0) / greatest(d.pages, 1) as facts_a_page,
       coalesce((f.verified + f.repaired) / f.facts, 0.0) as verified,
       coalesce(t.known / t.n, 0.0) as known_tables, coalesce(t.kinds, []) as kinds
from base.documents d left join tables_of t using (document_id) left join base.document_counts f using (document_id)
where d.status in ('ok', 'partial', 'no_tables')
"""


@dataclass(frozen=True, slots=True)
class Measures:
    """What a report looks like. Shares are of 1."""

    document_id: str
    document: str
    doc_type: str
    place: str  # region and agency
    facts_a_page: float
    verified: float
    known_tables: float
    kinds: tuple[str, ...]


def measures(store: Path) -> list[Measures]:
    """Every report that the published generation holds."""
    with reading(store) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(_MEASURES).fetchall()
    return [
        Measures(i, name, kind, place, float(facts), float(verified), float(known), tuple(sorted(kinds)))
        for i, name, kind, place, facts, verified, known, kinds in rows
    ]


def drift(
    now: Collection[Measures],
    changed: Collection[str],
    publishers: Mapping[str, str],
    before: Collection[Measures] = (),
) -> list[dict[str, str]]:
    """Sentences on the `changed` documents (ids) that look unlike their kin: publisher, document, what.

    `publishers`: document_id to publisher; a document without one is set beside those of its region and agency.
    `before`: the reports of the last generation, so that an edition that was replaced still says what was usual.
    """
    told = []
    current = {m.document_id for m in now}
    everything = [*now, *(m for m in before if m.document_id not in current)]

    def group(m: Measures) -> tuple[str, str]:
        return publishers.get(m.document_id, m.place), m.doc_type

    for one in sorted((m for m in now if m.document_id in changed), key=lambda m: m.document):
        kin = [m for m in everything if group(m) == group(one) and m.document_id not in changed]
        told += [{"publisher": group(one)[0], "document": one.document, "what": what} for what in _unlike(one, kin)]
    return told


def _unlike(one: Measures, kin: Collection[Measures]) -> list[str]:
    if not kin:
        return []
    told = []
    usual = set.intersection(*(set(m.kinds) for m in kin)) - set(one.kinds)
    if usual:
        many = "the earlier report has" if len(kin) == 1 else f"all {len(kin)} earlier reports have"
        told.append(f"no table of kind {', '.join(sorted(usual))}, which {many}")
    facts = median(m.facts_a_page for m in kin)
    if facts > FEWER_FACTS * one.facts_a_page and facts >= 1:
        told.append(f"{one.facts_a_page:.1f} facts a page, usually {facts:.1f}")
    for name, word in (("verified", "of its facts verified"), ("known_tables", "of its tables of a known kind")):
        share, usually = getattr(one, name), median(getattr(m, name) for m in kin)
        if usually - share > LESS_SHARE:
            told.append(f"{share:.0%} {word}, usually {usually:.0%}")
    return told
