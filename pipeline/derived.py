"""What a generation keeps besides the harvests, so that no question reads all facts: counts, names, `comparable`, `pagu`.

Each is a pure function of the base tables (the views `base.*_made`), made by set operations. A publish that changes a few
documents makes anew what they touch: their own counts and names, the comparable rows of their agencies, the document pairs
of their regions. A full publish makes all of it, some million facts at a time, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.comparable import ROWS, add_comparable
from pipeline.given import among, named, quoted, those
from pipeline.in_order import AT_ONCE, Aside
from pipeline.loading import set_down
from pipeline.pairs import pair_documents

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST = 0.2  # share of the documents from which making all of it anew is less work
COUNTED = ("document_counts", "document_agencies")  # as soon as documents are loaded: twins are found by them
NAMES = ("item_names", "indicator_names")

_NAMED = """
    select code_generic, level, coalesce(official_name, name, name_raw, '') as name, count(distinct document_id) as n
    from base.rows
    where code_generic is not null and level in ('urusan', 'bidang_urusan', 'program', 'kegiatan', 'sub_kegiatan')
          and {which}
    group by all
"""
_INDICATORS = """
    select indicator, count(distinct document_id) as n, min(fact_id) as fact_id
    from base.facts where indicator is not null and {which} group by 1
"""
_COUNTS = """
insert into base.document_counts
select document_id, count(*), count(*) filter (status = 'verified'), count(*) filter (status = 'repaired'),
       count(*) filter (status = 'unverified'), count(*) filter (status = 'conflict'),
       sum(hash(row(role, quantity, "year", period, value, value_text))::hugeint)
from base.facts where {which} group by 1 order by 1
"""
_AGENCIES = """
insert into base.document_agencies select distinct document_id, agency_key from base.placed_facts where {which} order by 1, 2
"""
# -- what the documents that will change say now, before they are replaced --
_CHANGED = """
create temp table changed as from touched union from gone;
create temp table before as select document_id, document_no, region_code, duplicate_of from base.documents;
create temp table corrected as from base.corrections;
"""
_REMEMBER = f"""
create temp table units as select distinct region_code, agency_key from base.placed_facts
    where {{which}} and region_code is not null;
create temp table item_changes as select * replace (-n as n) from ({_NAMED});
create temp table indicator_changes as select * replace (-n as n) from ({_INDICATORS});
create temp table lost_facts as select fact_id from base.facts where {{which}} and indicator is not null;
delete from base.document_counts where {{which}};
delete from base.document_agencies where {{which}};
"""

_MERGE_ITEMS = f"""
insert into item_changes {_NAMED};
create temp table item_sums as
    select code_generic, level, name, sum(n)::bigint as n from item_changes group by all having sum(n) <> 0;
update base.item_names i set documents = i.documents + s.n from item_sums s
    where (s.code_generic, s.level, s.name) = (i.code_generic, i.level, i.name);
insert into base.item_names from item_sums anti join base.item_names using (code_generic, level, name);
delete from base.item_names where documents <= 0;
"""
_MERGE_INDICATORS = f"""
insert into indicator_changes {_INDICATORS};
create temp table indicator_sums as
    select indicator, sum(n)::bigint as n, min(fact_id) filter (n > 0) as fact_id from indicator_changes group by all;
update base.indicator_names i set documents = i.documents + s.n, fact_id = least(i.fact_id, s.fact_id)
    from indicator_sums s where s.indicator = i.indicator;
insert into base.indicator_names from indicator_sums anti join base.indicator_names using (indicator);
delete from base.indicator_names where documents <= 0;
create temp table stale as select indicator from base.indicator_names where fact_id in (from lost_facts);
"""
_MEND_INDICATORS = """
update base.indicator_names i set fact_id = s.fact_id
from (select indicator, min(fact_id) as fact_id from base.facts where indicator in (from stale) group by 1) s
where s.indicator = i.indicator
"""
_TOUCHED_AFTER = """
create temp table reshaped as
    from changed
    union select d.document_id from base.documents d join before b using (document_id)
        where d.duplicate_of is distinct from b.duplicate_of
    union select document_id from (from corrected except from base.corrections)
    union select document_id from (from base.corrections except from corrected);
create temp table alone as select document_no from before where region_code is null and document_id in (from reshaped);
"""
_UNITS = """
insert into units
    select distinct region_code, agency_key from base.placed_facts where {which} and region_code is not null
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the store: a condition over the columns of the views, the regions in it, and the keys of those of their
    agencies that are meant (a key of None: no agency is known; no tuple: all of them). Conditions are literal text: DuckDB
    carries literals, not parameters, down to the facts.
    """

    within: str
    regions: tuple[str, ...]
    agencies: tuple[str | None, ...] | None = None


def remember(connection: DuckDBPyConnection) -> None:
    """Before documents are replaced: note what those of `touched` and `gone` say now, to take it back later."""
    connection.execute(_CHANGED)
    held = those(connection, "select document_id from changed semi join base.documents using (document_id)")
    connection.execute(_REMEMBER.format(which=held))


def count(connection: DuckDBPyConnection, everything: bool) -> None:
    """Counts of the facts of each document, and whose they are."""
    if everything:
        for table in COUNTED:
            connection.execute(f"delete from base.{table}")
    which = "true" if everything else those(connection, "select document_id from touched")
    for counting in (_COUNTS, _AGENCIES):
        connection.execute(counting.format(which=which))


def worth_all(changed: int, documents: int) -> bool:
    """Whether so many changed documents of so many make a full derivation less work."""
    return changed > 100 and changed > MOST * documents


def derive(connection: DuckDBPyConnection, folder: Path, everything: bool) -> None:
    """Bring names, `comparable`, `pagu` and document pairs up to date. Counts, twins and corrections stand already.

    `folder` is the store's, for what a full derivation lays aside.
    """
    if everything:
        for table in NAMES + ROWS:
            connection.execute(f"delete from base.{table}")
        connection.execute(f"insert into base.item_names {_NAMED.format(which='true')} order by 1, 2, 3")
        connection.execute(f"insert into base.indicator_names {_INDICATORS.format(which='true')} order by 2 desc, 1")
        connection.execute("delete from base.checks where kind = 'document_pair'")
        parts = all_parts(connection)
    else:
        touched = those(connection, "select document_id from touched")
        connection.execute(_MERGE_ITEMS.format(which=touched))
        connection.execute(_MERGE_INDICATORS.format(which=touched))
        if connection.execute("select 1 from stale limit 1").fetchone():
            connection.execute(_MEND_INDICATORS)
        connection.execute(_TOUCHED_AFTER)
        connection.execute(_UNITS.format(which=those(connection, "select document_id from reshaped")))
        parts = list(_touched_parts(connection))
        for part in parts:
            _take_out(connection, part)
    aside = Aside(connection, folder) if everything and len(parts) > 2 else None
    for part in parts:
        documents, several = _documents(connection, part, everything)
        if documents is None:
            continue
        within = part.within if everything else f"{part.within} and {documents}"
        add_comparable(connection, within, "temp" if aside else "base")
        if aside:
            aside.keep()
        if part.regions:
            pair_documents(connection, documents, part.agencies, several)
        if everything:
            set_down(connection)
    if aside:
        aside.sort_in()


def all_parts(connection: DuckDBPyConnection) -> list[Part]:
    """The whole store in parts of whole regions, each of some `AT_ONCE` facts."""
    counted = connection.execute(
        "select region_code, sum(facts)::bigint from base.documents join base.document_counts using (document_id) "
        "where region_code is not null group by 1 order by 1"
    ).fetchall()
    parts, regions, facts = [], [], 0
    for region, n in counted:
        regions.append(region)
        facts += n
        if facts >= AT_ONCE:
            parts.append(_regions(regions))
            regions, facts = [], 0
    if regions:
        parts.append(_regions(regions))
    return [*parts, Part("region_code is null", ())]


def _regions(codes: Sequence[str], agencies: Sequence[str | None] | None = None) -> Part:
    within = f"region_code in ({quoted(codes)})"
    if agencies is None:
        return Part(within, tuple(codes))
    return Part(f"{within} and {among('agency_key', agencies)}", tuple(codes), tuple(agencies))


def _touched_parts(connection: DuckDBPyConnection) -> Iterator[Part]:
    """The agencies of the regions that changed documents speak of, and changed documents of no known region."""
    agencies: dict[str, list[str | None]] = {}
    for region, agency in connection.execute("select distinct region_code, agency_key from units").fetchall():
        agencies.setdefault(region, []).append(agency)
    sizes = dict(
        connection.execute(
            "select region_code, sum(facts)::bigint from base.documents join base.document_counts using (document_id) "
            "group by 1"
        ).fetchall()
    )
    batch: list[str] = []
    for region in sorted(agencies):
        batch.append(region)
        if sum(sizes.get(one, 0) for one in batch) >= AT_ONCE:
            yield _regions(batch, [key for one in batch for key in agencies[one]])
            batch = []
    if batch:
        yield _regions(batch, [key for one in batch for key in agencies[one]])
    alone = [row[0] for row in connection.execute("from reshaped order by 1").fetchall()]
    if alone:
        yield Part(f"region_code is null and place in ({quoted(alone)})", ())


def _documents(connection: DuckDBPyConnection, part: Part, everything: bool) -> tuple[str | None, bool]:
    """A condition over document_id: those that hold facts of the part, named, so that no statement looks for them through
    all facts (a row's own agency may be another one's). None where there are none; and whether there are several.
    """
    query = "select document_id from base.documents where region_code is null"
    if part.regions:
        query = f"select document_id from base.documents where region_code in ({quoted(part.regions)})"
    if part.agencies is not None:
        spoken_of = among("agency_key", part.agencies)
        query += f" and document_id in (select document_id from base.document_agencies where {spoken_of})"
    elif not everything:
        query += " and document_id in (from reshaped)"
    found = [row[0] for row in connection.execute(query).fetchall()]
    return named(found, query) if found else None, len(found) > 1


def _take_out(connection: DuckDBPyConnection, part: Part) -> None:
    for table in ROWS:
        where = part.within if part.regions else "region_code is null and document_no in (from alone)"
        connection.execute(f"delete from base.{table} where {where}")
