"""The same report in two files: re-saved, printed by another program, or scanned. One of them stands for all.

Two documents are the same report where all their tables have the same text; where they say of themselves that they are
the same (region, agency, kind, year, edition) and print the same numbers in the same roles; or where one is a scan,
nine tenths of the numbers are the same, and no number that its own sums prove is missing in the other one. A real
difference between two editions is a proved number that differs, so editions stay apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FEWEST = 20  # numbers: fewer may agree by chance
ALIKE = 0.9

_SAID = "(a.region_code, a.agency_key, a.doc_type, a.fiscal_year, a.edition)"
_SAME_SAID = f"""
    a.region_code = b.region_code and a.doc_type = b.doc_type
    and {_SAID} is not distinct from {_SAID.replace("a.", "b.")}
"""

_NUMBERS = """
create or replace temp table numbers as
select document_id, hash(row(role, quantity, "year", period, value, value_text)) as number, count(*) as n,
       count(*) filter (status in ('verified', 'repaired')) as proved
from base.facts group by 1, 2
"""
_SUMS = """
create or replace temp table sums as
select d.*, s.n, s.total from base.documents d join (
    select document_id, sum(n) as n, sum(number::hugeint * n) as total from numbers group by 1
) s using (document_id)
"""
_EQUAL_TABLES = """
select min(document_id) over (partition by signature), document_id from base.documents where signature is not null
"""
_EQUAL_NUMBERS = f"""
select a.document_id, b.document_id from sums a join sums b on a.total = b.total and a.n = b.n
where a.document_id < b.document_id and a.n >= {FEWEST} and {_SAME_SAID}
"""
_SCANS = f"""
with pairs as (
    select a.document_id as original, b.document_id as scan, a.n as n_original, b.n as n_scan
    from sums a join sums b on a.region_code = b.region_code and a.doc_type = b.doc_type
    where a.document_id <> b.document_id and b.pages_scanned > 0
      and (coalesce(a.pages_scanned, 0) = 0 or a.document_id < b.document_id)
      and least(a.n, b.n) >= greatest({FEWEST}, {ALIKE} * greatest(a.n, b.n)) and {_SAME_SAID}
)
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
    """Set `base.documents.duplicate_of` for all documents: a pure function of what the tables hold.

    Of several files of one report the one that is no scan stands for all; of those the one with the smallest id.
    """
    connection.execute(_NUMBERS)
    connection.execute(_SUMS)
    first: dict[str, str] = {}

    def root(document: str) -> str:
        while first.get(document, document) != document:
            document = first[document]
        return document

    for query in (_EQUAL_TABLES, _EQUAL_NUMBERS, _SCANS):
        for one, other in connection.execute(query).fetchall():
            low, high = sorted((root(one), root(other)))
            first[high] = low
    groups: dict[str, list[str]] = {}
    for document in {*first, *first.values()}:
        groups.setdefault(root(document), []).append(document)
    scanned = dict(
        connection.execute("select document_id, coalesce(pages_scanned, 0) > 0 from base.documents").fetchall()
    )
    connection.execute("update base.documents set duplicate_of = null where duplicate_of is not null")
    for members in groups.values():
        chosen = min(members, key=lambda document: (scanned[document], document))
        for document in members:
            if document != chosen:
                connection.execute(
                    "update base.documents set duplicate_of = ? where document_id = ?", [chosen, document]
                )
    connection.execute("drop table numbers; drop table sums")
