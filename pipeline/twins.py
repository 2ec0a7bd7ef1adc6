"""The same report in two files: re-saved, printed by another program, or scanned. One of them stands for all.

Two documents are the same report where all their tables have the same text; where they say of themselves that they are
the same (region, agency, kind, year, edition) and print the same numbers in the same roles; or where one is a scan,
nine tenths of the numbers are the same, and no number that its own sums prove is missing in the other one. A real
difference between two editions is a proved number that differs, so editions stay apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.given import give, those

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FEWEST = 20  # numbers: fewer may agree by chance
ALIKE = 0.9

_SAID = "(a.region_code, a.agency_key, a.doc_type, a.fiscal_year, a.edition)"
_SAME_SAID = f"""
    a.region_code = b.region_code and a.doc_type = b.doc_type
    and {_SAID} is not distinct from {_SAID.replace("a.", "b.")}
"""

_SUMS = """
create or replace temp table sums as
select d.*, c.facts as n, c.numbers_sum as total from base.documents d join base.document_counts c using (document_id)
"""
# Only the numbers of documents that may be a scan and its original are looked at one by one.
_PAIRS = f"""
create or replace temp table pairs as
select a.document_id as original, b.document_id as scan, a.n as n_original, b.n as n_scan
from sums a join sums b on a.region_code = b.region_code and a.doc_type = b.doc_type
where a.document_id <> b.document_id and b.pages_scanned > 0
  and (coalesce(a.pages_scanned, 0) = 0 or a.document_id < b.document_id)
  and least(a.n, b.n) >= greatest({FEWEST}, {ALIKE} * greatest(a.n, b.n)) and {_SAME_SAID}
"""
_NUMBERS = """
create or replace temp table numbers as
select document_id, hash(row(role, quantity, "year", period, value, value_text)) as number, count(*) as n,
       count(*) filter (status in ('verified', 'repaired')) as proved
from base.facts where {which} group by 1, 2
"""
_EQUAL_TABLES = """
select min(document_id) over (partition by signature), document_id from base.documents where signature is not null
qualify min(document_id) over (partition by signature) <> document_id
"""
_EQUAL_NUMBERS = f"""
select a.document_id, b.document_id from sums a join sums b on a.total = b.total and a.n = b.n
where a.document_id < b.document_id and a.n >= {FEWEST} and {_SAME_SAID}
"""
_SCANS = f"""
select original, scan from pairs
where {ALIKE} * greatest(n_original, n_scan) <= (
    select sum(least(o.n, s.n)) from numbers o join numbers s using (number)
    where o.document_id = original and s.document_id = scan
) and not exists (
    from numbers s where s.document_id = scan and s.proved > coalesce(
        (select o.n from numbers o where o.document_id = original and o.number = s.number), 0)
)
"""


def mark_twins(connection: DuckDBPyConnection) -> None:
    """Set `base.documents.duplicate_of` for all documents: a pure function of what the tables and their counts hold.

    Of several files of one report the one that is no scan stands for all; of those one of which nothing else was said
    (a wrong year or region of its card) than it prints; of those the one with the smallest id.
    """
    for query in (_SUMS, _PAIRS):
        connection.execute(query)
    some = those(connection, "select original as document_id from pairs union select scan from pairs")
    connection.execute(_NUMBERS.format(which=some))
    first: dict[str, str] = {}

    def root(document: str) -> str:
        while first.get(document, document) != document:
            document = first[document]
        return document

    for query in (_EQUAL_TABLES, _EQUAL_NUMBERS, _SCANS):
        for one, other in connection.execute(query).fetchall():
            low, high = sorted((root(one), root(other)))
            if low != high:
                first[high] = low
    groups: dict[str, list[str]] = {}
    for document in {*first, *first.values()}:
        groups.setdefault(root(document), []).append(document)
    _write_down(connection, groups)
    connection.execute("drop table numbers; drop table sums; drop table pairs")


def _write_down(connection: DuckDBPyConnection, groups: Mapping[str, Sequence[str]]) -> None:
    """Rows that say so already are left as they are."""
    query = "select document_id from base.documents where coalesce(pages_scanned, 0) > 0"
    scanned = {row[0] for row in connection.execute(query).fetchall()}
    query = "select distinct document_id from base.problems where starts_with(kind, 'said_')"
    contradicted = {row[0] for row in connection.execute(query).fetchall()}
    chosen = {
        document: min(members, key=lambda one: (one in scanned, one in contradicted, one))
        for members in groups.values()
        for document in members
    }
    pairs = [(document, best) for document, best in chosen.items() if document != best]
    columns = {"document_id": [pair[0] for pair in pairs], "duplicate_of": [pair[1] for pair in pairs]}
    give(connection, "twins", {name: ("varchar", values) for name, values in columns.items()})
    connection.execute(
        """
        update base.documents d set duplicate_of = t.duplicate_of
        from (select document_id, t.duplicate_of from base.documents left join twins t using (document_id)) t
        where t.document_id = d.document_id and d.duplicate_of is distinct from t.duplicate_of
        """
    )
    connection.execute("drop table twins")
